#include "CNetwork.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 32
#define SIGNATURE_SIZE 64
#define DAY (24L * 60 * 60)
// A certificate of ours has about 250 bytes, and 800 more after many changes of key.
#define CERTIFICATE_SIZE_MAX 4096
// The extension that holds changes of key, under the arc of numbers that nobody has to register.
#define CHANGES_OID "2.25.282107414930265410786121540843906253837"

// What a former key signs before both keys; its ending zero is part of it.
static const char change_context[] = "cl/successor/1";

// The one protocol that is spoken inside (RFC 7301): length, then name.
static const unsigned char protocol[] = {6, 'c', 'l', 's', 'p', '/', '1'};

struct caseledger_tls {
    SSL *ssl;
    uint8_t own_key[KEY_SIZE];
    uint8_t peer_key[KEY_SIZE];
    uint8_t *keys;
    size_t key_count;
    int takes_any_key;
    int has_peer_key;
    int has_refused_key;
    char error[256];
};

static int is_taken(const caseledger_tls *tls, const uint8_t *key) {
    if (CRYPTO_memcmp(key, tls->own_key, KEY_SIZE) == 0) return 0;
    if (tls->takes_any_key) return 1;
    int found = 0;
    for (size_t place = 0; place < tls->key_count; place++)
        found |= CRYPTO_memcmp(key, tls->keys + place * KEY_SIZE, KEY_SIZE) == 0;
    return found;
}

// Whether the former key in `change` named `next` as the one that comes after it.
static int names(const uint8_t *change, const uint8_t *next) {
    uint8_t signed_bytes[sizeof change_context + 2 * KEY_SIZE];
    memcpy(signed_bytes, change_context, sizeof change_context);
    memcpy(signed_bytes + sizeof change_context, change, KEY_SIZE);
    memcpy(signed_bytes + sizeof change_context + KEY_SIZE, next, KEY_SIZE);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, change, KEY_SIZE);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int holds = key && digest && EVP_DigestVerifyInit(digest, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(digest, change + KEY_SIZE, SIGNATURE_SIZE, signed_bytes,
                                 sizeof signed_bytes) == 1;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
    return holds;
}

// Whether the changes in the certificate lead, without a gap, to `key` from one that is taken.
static int was_taken(const caseledger_tls *tls, X509 *certificate, const uint8_t *key) {
    ASN1_OBJECT *name = OBJ_txt2obj(CHANGES_OID, 1);
    int place = name ? X509_get_ext_by_OBJ(certificate, name, -1) : -1;
    ASN1_OBJECT_free(name);
    if (place < 0) return 0;
    ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(certificate, place));
    size_t size = (size_t)ASN1_STRING_length(value);
    if (size % CASELEDGER_TLS_CHANGE_SIZE != 0 ||
        size > CASELEDGER_TLS_CHANGES_MAX * CASELEDGER_TLS_CHANGE_SIZE)
        return 0;
    const uint8_t *changes = ASN1_STRING_get0_data(value);
    const uint8_t *next = key;
    while (size > 0) {
        size -= CASELEDGER_TLS_CHANGE_SIZE;
        const uint8_t *change = changes + size;
        if (!names(change, next)) return 0;
        if (is_taken(tls, change)) return 1;
        next = change;
    }
    return 0;
}

// Stands in place of the check of a chain. That the peer holds the key is proven by its
// CertificateVerify, which OpenSSL checks with the key of this certificate. Dates are not looked
// at: a wrong clock keeps nobody away.
static int judge(X509_STORE_CTX *store, void *argument) {
    caseledger_tls *tls = argument;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
    uint8_t raw[KEY_SIZE];
    size_t size = sizeof raw;
    if (key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(key, raw, &size) == 1 && size == KEY_SIZE &&
        X509_verify(certificate, key) == 1) {
        memcpy(tls->peer_key, raw, KEY_SIZE);
        tls->has_peer_key = 1;
        if (is_taken(tls, raw)) return 1;
        int is_own = CRYPTO_memcmp(raw, tls->own_key, KEY_SIZE) == 0;
        if (!is_own && was_taken(tls, certificate, raw)) return 1;
    }
    tls->has_refused_key = 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_size,
                           const unsigned char *offered, unsigned offered_size, void *argument) {
    (void)ssl;
    (void)argument;
    unsigned char *found;
    if (SSL_select_next_proto(&found, chosen_size, protocol, sizeof protocol, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static int add_changes(X509 *certificate, caseledger_tls_identity identity) {
    if (identity.change_count == 0) return 1;
    size_t size = identity.change_count * CASELEDGER_TLS_CHANGE_SIZE;
    ASN1_OBJECT *name = OBJ_txt2obj(CHANGES_OID, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    int is_added = name && value &&
                   ASN1_OCTET_STRING_set(value, identity.changes, (int)size) == 1 &&
                   (extension = X509_EXTENSION_create_by_OBJ(NULL, name, 0, value)) != NULL &&
                   X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(name);
    return is_added;
}

static X509 *self_signed(EVP_PKEY *key, caseledger_tls_identity identity) {
    X509 *certificate = X509_new();
    uint64_t serial;
    if (!certificate || RAND_bytes((unsigned char *)&serial, sizeof serial) != 1) goto failed;
    X509_NAME *name = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, X509_VERSION_3) != 1 ||
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) != 1 ||
        !X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) ||
        !X509_gmtime_adj(X509_getm_notAfter(certificate), DAY) ||
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"caseledger",
                                   -1, -1, 0) != 1 ||
        X509_set_issuer_name(certificate, name) != 1 || X509_set_pubkey(certificate, key) != 1 ||
        !add_changes(certificate, identity) || X509_sign(certificate, key, NULL) == 0)
        goto failed;
    return certificate;
failed:
    X509_free(certificate);
    return NULL;
}

// TLS 1.3 and nothing else: no older version, no tickets, no resumption, no early data.
static SSL_CTX *make_context(caseledger_tls *tls, int is_server, EVP_PKEY *key,
                             caseledger_tls_identity identity) {
    SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (!context) return NULL;
    X509 *certificate = self_signed(key, identity);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, CERTIFICATE_SIZE_MAX);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, judge, tls);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    int is_ready = certificate && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
                   SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
                   SSL_CTX_set_num_tickets(context, 0) == 1 &&
                   SSL_CTX_set_max_early_data(context, 0) == 1 &&
                   SSL_CTX_set_alpn_protos(context, protocol, sizeof protocol) == 0 &&
                   SSL_CTX_use_certificate(context, certificate) == 1 &&
                   SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    if (is_ready) return context;
    SSL_CTX_free(context);
    return NULL;
}

caseledger_tls *caseledger_tls_new(int socket, int is_server, caseledger_tls_identity identity,
                                   const uint8_t *keys, size_t key_count, int takes_any_key) {
    // The machine's openssl.cnf has no say in this.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    caseledger_tls *tls = calloc(1, sizeof *tls);
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, identity.seed, KEY_SIZE);
    SSL_CTX *context = NULL;
    size_t size = KEY_SIZE;
    if (identity.change_count > CASELEDGER_TLS_CHANGES_MAX) goto failed;
    if (!tls || !key || EVP_PKEY_get_raw_public_key(key, tls->own_key, &size) != 1) goto failed;
    tls->takes_any_key = takes_any_key;
    tls->keys = malloc(key_count * KEY_SIZE + 1);
    if (!tls->keys) goto failed;
    if (key_count) memcpy(tls->keys, keys, key_count * KEY_SIZE);
    tls->key_count = key_count;
    context = make_context(tls, is_server, key, identity);
    tls->ssl = context ? SSL_new(context) : NULL;
    if (!tls->ssl || SSL_set_fd(tls->ssl, socket) != 1) goto failed;
    if (is_server)
        SSL_set_accept_state(tls->ssl);
    else
        SSL_set_connect_state(tls->ssl);
    SSL_CTX_free(context);
    EVP_PKEY_free(key);
    return tls;
failed:
    SSL_CTX_free(context);
    EVP_PKEY_free(key);
    caseledger_tls_free(tls);
    return NULL;
}

void caseledger_tls_free(caseledger_tls *tls) {
    if (!tls) return;
    SSL_free(tls->ssl);
    free(tls->keys);
    free(tls);
}

// What a call that did not succeed came to.
static int outcome(caseledger_tls *tls, int result) {
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ: return CASELEDGER_TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return CASELEDGER_TLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return CASELEDGER_TLS_END;
    default: break;
    }
    unsigned long code = ERR_peek_error();
    const char *words = code ? ERR_reason_error_string(code) : NULL;
    snprintf(tls->error, sizeof tls->error, "%s", words ? words : "the connection broke");
    return CASELEDGER_TLS_FAILED;
}

int caseledger_tls_handshake(caseledger_tls *tls) {
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);
    if (result == 1) {
        const unsigned char *chosen;
        unsigned size;
        SSL_get0_alpn_selected(tls->ssl, &chosen, &size);
        // A server that speaks something else answers without a protocol.
        if (size == sizeof protocol - 1 && tls->has_peer_key) return 1;
        snprintf(tls->error, sizeof tls->error, "the peer speaks another protocol");
        return CASELEDGER_TLS_FAILED;
    }
    int code = outcome(tls, result);
    if (code == CASELEDGER_TLS_END)
        snprintf(tls->error, sizeof tls->error, "the peer closed the connection");
    return code == CASELEDGER_TLS_END ? CASELEDGER_TLS_FAILED : code;
}

ptrdiff_t caseledger_tls_read(caseledger_tls *tls, void *bytes, size_t count) {
    ERR_clear_error();
    size_t moved = 0;
    int result = SSL_read_ex(tls->ssl, bytes, count, &moved);
    return result == 1 ? (ptrdiff_t)moved : outcome(tls, result);
}

ptrdiff_t caseledger_tls_write(caseledger_tls *tls, const void *bytes, size_t count) {
    ERR_clear_error();
    size_t moved = 0;
    int result = SSL_write_ex(tls->ssl, bytes, count, &moved);
    return result == 1 ? (ptrdiff_t)moved : outcome(tls, result);
}

void caseledger_tls_shutdown(caseledger_tls *tls) {
    ERR_clear_error();
    // After a failure OpenSSL must not be asked to.
    if (!tls->error[0] && SSL_is_init_finished(tls->ssl)) SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

int caseledger_tls_peer_key(const caseledger_tls *tls, uint8_t *key) {
    if (tls->has_peer_key) memcpy(key, tls->peer_key, KEY_SIZE);
    return tls->has_peer_key;
}

int caseledger_tls_refused_key(const caseledger_tls *tls) { return tls->has_refused_key; }

void caseledger_tls_error(const caseledger_tls *tls, char *text, size_t text_size) {
    snprintf(text, text_size, "%s", tls->error);
}
