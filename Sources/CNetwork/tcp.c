#define _GNU_SOURCE
#include "CNetwork.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64

static int set(int socket, int level, int option, int value) {
    return setsockopt(socket, level, option, &value, sizeof value);
}

// Small frames go out at once; a peer that vanished is noticed within about two minutes.
static void tune(int socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 20);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

static int look_up(const char *host, uint16_t port, int flags, struct addrinfo **found) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int code = getaddrinfo(host[0] ? host : NULL, service, &hints, found);
    if (code == 0) return 0;
    return code == EAI_SYSTEM ? -errno : CASELEDGER_TCP_LOOKUP + code;
}

static int open_socket(const struct addrinfo *address) {
    int opened = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return opened < 0 ? -errno : opened;
}

int caseledger_tcp_listen(const char *host, uint16_t port) {
    struct addrinfo *found;
    int failure = look_up(host, port, AI_PASSIVE, &found);
    if (failure) return failure;
    int listener = -EADDRNOTAVAIL;
    for (const struct addrinfo *address = found; address; address = address->ai_next) {
        listener = open_socket(address);
        if (listener < 0) continue;
        set(listener, SOL_SOCKET, SO_REUSEADDR, 1);
        if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
            listen(listener, BACKLOG) == 0)
            break;
        failure = -errno;
        close(listener);
        listener = failure;
    }
    freeaddrinfo(found);
    return listener;
}

uint16_t caseledger_tcp_port(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

int caseledger_tcp_accept(int listener, char *remote, size_t remote_size) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int accepted = accept4(listener, (struct sockaddr *)&address, &size,
                           SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0) return -errno;
    tune(accepted);
    char host[64] = "?", service[8] = "?";
    getnameinfo((struct sockaddr *)&address, size, host, sizeof host, service, sizeof service,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(remote, remote_size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, service);
    return accepted;
}

// 0 once connected.
static int wait_connected(int socket, int milliseconds) {
    struct pollfd entry = {.fd = socket, .events = POLLOUT};
    int ready;
    do ready = poll(&entry, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return -ETIMEDOUT;
    int code = 0;
    socklen_t size = sizeof code;
    if (ready < 0 || getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) != 0) return -errno;
    return -code;
}

int caseledger_tcp_connect(const char *host, uint16_t port, int milliseconds) {
    struct addrinfo *found;
    int failure = look_up(host, port, 0, &found);
    if (failure) return failure;
    int connected = -EADDRNOTAVAIL;
    for (const struct addrinfo *address = found; address; address = address->ai_next) {
        connected = open_socket(address);
        if (connected < 0) continue;
        tune(connected);
        failure = connect(connected, address->ai_addr, address->ai_addrlen) == 0 ? 0 : -errno;
        if (failure == -EINPROGRESS) failure = wait_connected(connected, milliseconds);
        if (failure == 0) break;
        close(connected);
        connected = failure;
    }
    freeaddrinfo(found);
    return connected;
}

void caseledger_tcp_error(int failure, char *text, size_t text_size) {
    char kept[128];
    const char *words = failure <= CASELEDGER_TCP_LOOKUP
                            ? gai_strerror(failure - CASELEDGER_TCP_LOOKUP)
                            : strerror_r(-failure, kept, sizeof kept);
    snprintf(text, text_size, "%s", words);
}
