#ifndef CASELEDGER_SHA256_H
#define CASELEDGER_SHA256_H

#include <stddef.h>
#include <stdint.h>

// SHA-256 (FIPS 180-4) of several messages at once: each lane of a vector register works on a
// message of its own. Single messages are swift-crypto's.

/// How many lanes are worth while on this processor: 16 or 8, or 0 where hashing one message after
/// the other is the better way.
unsigned caseledger_sha256_lanes(void);

/// Whether this processor can run `lanes` lanes.
int caseledger_sha256_can(unsigned lanes);

/// Writes the message `prefix` ‖ `bytes` with its padding to `blocks`, which has room for
/// (prefix_count + count + 72) / 64 * 64 bytes, and returns how many blocks of 64 bytes it takes.
size_t caseledger_sha256_pad(uint8_t *blocks, const uint8_t *prefix, size_t prefix_count,
                             const uint8_t *bytes, size_t count);

/// Hashes `count` padded messages that lie one after the other in `blocks`, message i taking
/// `block_counts[i]` blocks, at least one. Each digest is four words of `digests`, first word first.
void caseledger_sha256_messages(unsigned lanes, const uint8_t *blocks,
                                const uint32_t *block_counts, size_t count, uint64_t *digests);

/// Replaces the first `pairs` digests of `hashes` by the RFC 6962 nodes over the pairs that they and
/// those behind them make: SHA-256(0x01 ‖ hash 2i ‖ hash 2i + 1) at place i. Words as above.
void caseledger_sha256_nodes(unsigned lanes, uint64_t *hashes, size_t pairs);

#endif
