// The lanes of one width. Included once for each, with LANES, LOW and HIGH (the interleaved lower
// and upper halves of two vectors), TARGET and WIDE (a name with the width in it) defined.

typedef uint32_t WIDE(vector) __attribute__((vector_size(LANES * 4)));

/// Loads 16 words of LANES messages: words[w] holds word w of all of them.
TARGET static inline void WIDE(load)(WIDE(vector) words[16], const uint8_t *const sources[LANES]) {
    for (int part = 0; part < 16 / LANES; part++) {
        WIDE(vector) rows[LANES], mixed[LANES];
        for (int i = 0; i < LANES; i++) {
            memcpy(&rows[i], sources[i] + part * LANES * 4, sizeof rows[i]);
            rows[i] = BIG_ENDIAN_WORDS(rows[i]);
        }
        // Each round halves the distance between the words of one message: a transposition.
        for (int distance = 1; distance < LANES; distance *= 2) {
            for (int i = 0; i < LANES / 2; i++) {
                mixed[2 * i] = LOW(rows[i], rows[i + LANES / 2]);
                mixed[2 * i + 1] = HIGH(rows[i], rows[i + LANES / 2]);
            }
            memcpy(rows, mixed, sizeof rows);
        }
        memcpy(words + part * LANES, rows, sizeof rows);
    }
}

/// Takes one block of each message into its state: FIPS 180-4, 6.2.2, in every lane.
TARGET static void WIDE(compress)(uint32_t state[8][LANES], const uint8_t *const sources[LANES]) {
    WIDE(vector) w[16], s[8];
    WIDE(load)(w, sources);
    memcpy(s, state, sizeof s);
    WIDE(vector) a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma clang loop unroll(full)
    for (int round = 0; round < 64; round++) {
        WIDE(vector) word = w[round % 16];
        if (round >= 16) {
            WIDE(vector) p = w[(round + 1) % 16], q = w[(round + 14) % 16];
            word += (ROTATED(p, 7) ^ ROTATED(p, 18) ^ (p >> 3)) + w[(round + 9) % 16] +
                    (ROTATED(q, 17) ^ ROTATED(q, 19) ^ (q >> 10));
            w[round % 16] = word;
        }
        WIDE(vector) first = h + (ROTATED(e, 6) ^ ROTATED(e, 11) ^ ROTATED(e, 25)) +
                             ((e & f) ^ (~e & g)) + word + round_constants[round];
        WIDE(vector) second = (ROTATED(a, 2) ^ ROTATED(a, 13) ^ ROTATED(a, 22)) +
                              ((a & b) | (c & (a | b)));
        h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
    memcpy(state, s, sizeof s);
}

static void WIDE(begin)(uint32_t state[8][LANES], int lane) {
    for (int i = 0; i < 8; i++) state[i][lane] = initial_state[i];
}

static void WIDE(end)(uint32_t state[8][LANES], int lane, uint64_t *digest) {
    for (int i = 0; i < 4; i++)
        digest[i] = (uint64_t)state[2 * i][lane] << 32 | state[2 * i + 1][lane];
}

/// A lane that is done with a message takes the next one, so lengths may differ.
static void WIDE(messages)(const uint8_t *blocks, const uint32_t *block_counts, size_t count,
                           uint64_t *digests) {
    static const uint8_t idle[64];
    uint32_t state[8][LANES] = {{0}};
    const uint8_t *sources[LANES];
    uint32_t left[LANES] = {0};
    size_t message[LANES] = {0}, next = 0, open = count;
    for (int lane = 0; lane < LANES; lane++) sources[lane] = idle;
    while (open > 0) {
        for (int lane = 0; lane < LANES && next < count; lane++) {
            if (left[lane] > 0) continue;
            WIDE(begin)(state, lane);
            sources[lane] = blocks;
            left[lane] = block_counts[next];
            blocks += (size_t)64 * block_counts[next];
            message[lane] = next++;
        }
        WIDE(compress)(state, sources);
        for (int lane = 0; lane < LANES; lane++) {
            if (left[lane] == 0) continue;
            left[lane]--;
            sources[lane] += 64;
            if (left[lane] > 0) continue;
            WIDE(end)(state, lane, digests + 4 * message[lane]);
            sources[lane] = idle;
            open--;
        }
    }
}

static void WIDE(nodes)(uint64_t *hashes, size_t pairs) {
    uint8_t blocks[LANES][128] = {{0}};
    const uint8_t *sources[LANES];
    uint32_t state[8][LANES] = {{0}};
    for (int lane = 0; lane < LANES; lane++) {
        blocks[lane][0] = 0x01;
        blocks[lane][65] = 0x80;
        blocks[lane][126] = 65 * 8 >> 8;
        blocks[lane][127] = 65 * 8 & 0xFF;
    }
    for (size_t first = 0; first < pairs; first += LANES) {
        int count = pairs - first < LANES ? (int)(pairs - first) : LANES;
        for (int lane = 0; lane < count; lane++) {
            WIDE(begin)(state, lane);
            for (int i = 0; i < 8; i++) {
                uint64_t word = __builtin_bswap64(hashes[8 * (first + (size_t)lane) + (size_t)i]);
                memcpy(blocks[lane] + 1 + 8 * i, &word, 8);
            }
        }
        for (int half = 0; half < 2; half++) {
            for (int lane = 0; lane < LANES; lane++) sources[lane] = blocks[lane] + 64 * half;
            WIDE(compress)(state, sources);
        }
        // The pairs of these places have been read.
        for (int lane = 0; lane < count; lane++)
            WIDE(end)(state, lane, hashes + 4 * (first + (size_t)lane));
    }
}
