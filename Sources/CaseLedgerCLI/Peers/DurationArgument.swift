import ArgumentParser

/// A span of time on the command line: `500ms`, `30s`, `5m`, `2h`, `7d`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number > 0, number < 1_000_000_000 else { return nil }
        switch argument.dropFirst(digits.count) {
        case "ms": self.duration = .milliseconds(number)
        case "s": self.duration = .seconds(number)
        case "m", "min": self.duration = .seconds(number * 60)
        case "h": self.duration = .seconds(number * 3_600)
        case "d": self.duration = .seconds(number * 86_400)
        default: return nil
        }
    }
}

/// How often something is done: a span of time, or `never`.
struct PeriodArgument: ExpressibleByArgument {
    let duration: Duration?
    let defaultValueDescription: String

    init(days: Int) {
        self.duration = .seconds(days * 86_400)
        self.defaultValueDescription = "\(days)d"
    }

    init?(argument: String) {
        self.defaultValueDescription = argument
        if argument == "never" {
            self.duration = nil
        } else {
            guard let span = DurationArgument(argument: argument) else { return nil }
            self.duration = span.duration
        }
    }
}

/// `HOST:PORT` on the command line; the host may be left out, and port 0 is any.
struct PlaceArgument: ExpressibleByArgument {
    let host: String
    let port: UInt16

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = argument[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        self.host = String(host)
        self.port = port
    }
}
