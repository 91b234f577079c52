#include "CSHA256.h"

#include <string.h>

size_t caseledger_sha256_pad(uint8_t *blocks, const uint8_t *prefix, size_t prefix_count,
                             const uint8_t *bytes, size_t count) {
    size_t total = prefix_count + count;
    size_t padded = (total + 72) / 64 * 64;
    if (prefix_count > 0) memcpy(blocks, prefix, prefix_count);
    if (count > 0) memcpy(blocks + prefix_count, bytes, count);
    memset(blocks + total, 0, padded - total);
    blocks[total] = 0x80;
    uint64_t bits = __builtin_bswap64((uint64_t)total * 8);
    memcpy(blocks + padded - 8, &bits, 8);
    return padded / 64;
}

#if defined(__x86_64__)

#include <cpuid.h>

static const uint32_t initial_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTATED(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define BIG_ENDIAN_WORDS(x) \
    (((x) << 24) | (((x) & 0xff00) << 8) | (((x) >> 8) & 0xff00) | ((x) >> 24))

#define LANES 16
#define WIDE(name) name##16
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define LOW(a, b) \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "Lanes.h"

#undef LANES
#undef WIDE
#undef TARGET
#undef LOW
#undef HIGH
#define LANES 8
#define WIDE(name) name##8
#define TARGET __attribute__((target("avx2")))
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "Lanes.h"

/// Whether the processor has instructions of its own for SHA-256, which swift-crypto uses.
static int has_sha_instructions(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) != 0;
}

int caseledger_sha256_can(unsigned lanes) {
    // Says no as well where the system does not save the registers.
    __builtin_cpu_init();
    if (lanes == 16)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl");
    return lanes == 8 && __builtin_cpu_supports("avx2");
}

unsigned caseledger_sha256_lanes(void) {
    if (caseledger_sha256_can(16)) return 16;
    return caseledger_sha256_can(8) && !has_sha_instructions() ? 8 : 0;
}

void caseledger_sha256_messages(unsigned lanes, const uint8_t *blocks,
                                const uint32_t *block_counts, size_t count, uint64_t *digests) {
    if (lanes == 16)
        messages16(blocks, block_counts, count, digests);
    else
        messages8(blocks, block_counts, count, digests);
}

void caseledger_sha256_nodes(unsigned lanes, uint64_t *hashes, size_t pairs) {
    if (lanes == 16)
        nodes16(hashes, pairs);
    else
        nodes8(hashes, pairs);
}

#else

int caseledger_sha256_can(unsigned lanes) {
    (void)lanes;
    return 0;
}

unsigned caseledger_sha256_lanes(void) { return 0; }

void caseledger_sha256_messages(unsigned lanes, const uint8_t *blocks,
                                const uint32_t *block_counts, size_t count, uint64_t *digests) {
    (void)lanes, (void)blocks, (void)block_counts, (void)count, (void)digests;
    __builtin_trap();
}

void caseledger_sha256_nodes(unsigned lanes, uint64_t *hashes, size_t pairs) {
    (void)lanes, (void)hashes, (void)pairs;
    __builtin_trap();
}

#endif
