#define _GNU_SOURCE
#include "CNetwork.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int caught[2] = {-1, -1};

static void tell(int number) {
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    // Where the pipe is full the byte is not missed.
    ssize_t written = write(caught[1], &byte, 1);
    (void)written;
    errno = kept;
}

int caseledger_catch_signals(void) {
    if (caught[0] < 0 && pipe2(caught, O_CLOEXEC) != 0) return -1;
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART | SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    return caught[0];
}
