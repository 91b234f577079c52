#ifndef CASELEDGER_NETWORK_H
#define CASELEDGER_NETWORK_H

#include <stddef.h>
#include <stdint.h>

// What reaches over the network: TCP, TLS, and the signals that end a service.
//
// TCP. Every socket is close-on-exec and does not block. Failures are negative: -errno.

/// Why a name could not be looked up: added to the code of getaddrinfo, which is negative too.
#define CASELEDGER_TCP_LOOKUP (-10000)

/// A socket that listens at `host` (empty: every address) and `port` (0: any).
int caseledger_tcp_listen(const char *host, uint16_t port);

/// The port that a listening socket got.
uint16_t caseledger_tcp_port(int listener);

/// The next connection that waits; -EAGAIN when there is none. Writes where it comes from.
int caseledger_tcp_accept(int listener, char *remote, size_t remote_size);

/// A connection to the first address of `host` that answers, each within `milliseconds`.
int caseledger_tcp_connect(const char *host, uint16_t port, int milliseconds);

/// The words for a failure.
void caseledger_tcp_error(int failure, char *text, size_t text_size);

// TLS 1.3 with one self-signed Ed25519 certificate on each side, whose key is all that counts.

typedef struct caseledger_tls caseledger_tls;

/// What a call came to, where it did not move bytes.
enum {
    CASELEDGER_TLS_END = 0,
    CASELEDGER_TLS_WANTS_READ = -1,
    CASELEDGER_TLS_WANTS_WRITE = -2,
    CASELEDGER_TLS_FAILED = -3,
};

/// The bytes of a change of key: the former key, and its signature over "cl/successor/1" ‖ 0 ‖ the
/// former key ‖ the next one.
enum { CASELEDGER_TLS_CHANGE_SIZE = 96, CASELEDGER_TLS_CHANGES_MAX = 8 };

/// Who a side is: the own key's secret, 32 bytes, and the changes that led to it, oldest first.
typedef struct {
    const uint8_t *seed;
    const uint8_t *changes;
    size_t change_count;
} caseledger_tls_identity;

/// A session over `socket`, which stays the caller's. `keys` are the `key_count` public keys, 32
/// bytes each, one of which the peer must hold, or prove to have held before its own, unless
/// `takes_any_key`. The own key is never taken. NULL when memory is short or the seed is no key.
caseledger_tls *caseledger_tls_new(int socket, int is_server, caseledger_tls_identity identity,
                                   const uint8_t *keys, size_t key_count, int takes_any_key);
void caseledger_tls_free(caseledger_tls *tls);

/// Goes on with the handshake; 1 when it is done.
int caseledger_tls_handshake(caseledger_tls *tls);
/// Reads up to `count` bytes; how many, or one of the above.
ptrdiff_t caseledger_tls_read(caseledger_tls *tls, void *bytes, size_t count);
/// Writes some of `count` bytes; how many, or one of the above.
ptrdiff_t caseledger_tls_write(caseledger_tls *tls, const void *bytes, size_t count);
/// Says goodbye; whether the peer hears it does not matter.
void caseledger_tls_shutdown(caseledger_tls *tls);

/// The peer's public key, once the handshake is done or its certificate was refused; 0 if none.
int caseledger_tls_peer_key(const caseledger_tls *tls, uint8_t *key);
/// Whether the handshake failed because the peer's key is not one of those taken.
int caseledger_tls_refused_key(const caseledger_tls *tls);
/// Why the last call failed.
void caseledger_tls_error(const caseledger_tls *tls, char *text, size_t text_size);

// Signals.

/// Catches the next SIGTERM and the next SIGINT; a byte can then be read from the descriptor that
/// is returned, -1 if there is none. After that the signals do again what they did.
int caseledger_catch_signals(void);

#endif
