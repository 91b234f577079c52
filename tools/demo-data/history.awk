# Writes a support history as CSV: awk -v seed=N -v cases=N [-v only=SITE] -f history.awk
# With only, just the rows that this site's own system wrote.
# The generator is written out (MINSTD), so that every awk makes the same rows.
function random(n) { seed = (seed * 16807) % 2147483647; return seed % n }
function row(state) {
    minutes += 5 + random(600); words = note[random(4)]
    if (only == "" || only == site) printf "D%05d,%s,%s,%s,%s,%s,%s,\"%s\"\n", number, state, team, agent, stamp(minutes), site, \
        priority, words
}
function stamp(m,   day, rest) {
    day = int(m / 1440); rest = m % 1440
    return sprintf("2026-%02d-%02d %02d:%02d", 1 + int(day / 28) % 12, 1 + day % 28, \
        int(rest / 60), rest % 60)
}
function take(t) { team = t; agent = t " " substr("ABCDE", 1 + random(5), 1); site = home[t] }
BEGIN {
    note[0] = "the customer says: \"\"no dial tone\"\""; note[1] = "asked to restart the router"
    note[2] = "sent a new SIM card"; note[3] = "line one\nline two"
    home["First line"] = "berlin"; home["Network"] = "berlin"; home["Manila desk"] = "manila"
    print "number,state,team,agent,updated,site,priority,notes"
    for (number = 1; number <= cases; number++) {
        minutes = random(200000); priority = 1 + random(4)
        take(random(3) ? "First line" : "Manila desk"); row("New"); row("Active")
        for (hop = random(4); hop > 0; hop--) {
            take(random(2) ? "Network" : (random(2) ? "Manila desk" : "First line"))
            row(random(4) ? "Active" : "Waiting for customer")
        }
        row("Resolved")
        if (random(10) == 0) { row("Active"); row("Resolved") }
        row("Closed")
    }
}
