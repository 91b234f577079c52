#define _GNU_SOURCE
#include "CFaults.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct caseledger_faults {
    struct caseledger_faults *next;
    dev_t device;
    ino_t inode;
    caseledger_faults_call *calls;
    size_t count, capacity;
    uint64_t number;
    struct failure {
        uint64_t first, count;
        int code, how;
    } failures[8];
    int failure_count;
};

/// Held for each call on a watched file, so that traces have an order.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static caseledger_faults *watched;
/// Spares everybody else the lock.
static atomic_int watched_count;

static void add(
    caseledger_faults *faults, int kind, bool durable, uint64_t place, const struct iovec *parts,
    int part_count, size_t limit) {
    if (faults->count == faults->capacity) {
        faults->capacity = faults->capacity ? faults->capacity * 2 : 1024;
        faults->calls = realloc(faults->calls, faults->capacity * sizeof *faults->calls);
        if (!faults->calls) abort();
    }
    uint8_t *bytes = malloc(limit + 1);
    if (!bytes) abort();
    size_t done = 0;
    for (int i = 0; i < part_count && done < limit; i++) {
        size_t length = parts[i].iov_len < limit - done ? parts[i].iov_len : limit - done;
        memcpy(bytes + done, parts[i].iov_base, length);
        done += length;
    }
    faults->calls[faults->count++] =
        (caseledger_faults_call){kind, durable, place, bytes, done};
}

caseledger_faults *caseledger_faults_watch(const char *path) {
    struct stat found;
    if (stat(path, &found) != 0) return NULL;
    caseledger_faults *faults = calloc(1, sizeof *faults);
    if (!faults) abort();
    faults->device = found.st_dev;
    faults->inode = found.st_ino;
    pthread_mutex_lock(&lock);
    faults->next = watched;
    watched = faults;
    atomic_fetch_add(&watched_count, 1);
    pthread_mutex_unlock(&lock);
    return faults;
}

void caseledger_faults_end(caseledger_faults *faults) {
    pthread_mutex_lock(&lock);
    for (caseledger_faults **link = &watched; *link; link = &(*link)->next) {
        if (*link != faults) continue;
        *link = faults->next;
        break;
    }
    atomic_fetch_sub(&watched_count, 1);
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < faults->count; i++) free((void *)faults->calls[i].bytes);
    free(faults->calls);
    free(faults);
}

void caseledger_faults_fail(
    caseledger_faults *faults, uint64_t first, uint64_t count, int code, int how) {
    pthread_mutex_lock(&lock);
    if (faults->failure_count == sizeof faults->failures / sizeof *faults->failures) abort();
    faults->failures[faults->failure_count++] = (struct failure){first, count, code, how};
    pthread_mutex_unlock(&lock);
}

void caseledger_faults_heal(caseledger_faults *faults) {
    pthread_mutex_lock(&lock);
    faults->failure_count = 0;
    pthread_mutex_unlock(&lock);
}

uint64_t caseledger_faults_number(caseledger_faults *faults) {
    pthread_mutex_lock(&lock);
    uint64_t number = faults->number;
    pthread_mutex_unlock(&lock);
    return number;
}

void caseledger_faults_mark(caseledger_faults *faults, uint64_t mark) {
    pthread_mutex_lock(&lock);
    add(faults, 2, false, mark, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
}

size_t caseledger_faults_count(caseledger_faults *faults) {
    pthread_mutex_lock(&lock);
    size_t count = faults->count;
    pthread_mutex_unlock(&lock);
    return count;
}

caseledger_faults_call caseledger_faults_at(caseledger_faults *faults, size_t index) {
    pthread_mutex_lock(&lock);
    caseledger_faults_call call = faults->calls[index];
    pthread_mutex_unlock(&lock);
    return call;
}

/// What watches `file`, with the lock held; NULL, without it, if nothing does.
static caseledger_faults *acquire(int file) {
    if (atomic_load_explicit(&watched_count, memory_order_relaxed) == 0) return NULL;
    int saved = errno;
    struct stat found;
    caseledger_faults *faults = NULL;
    pthread_mutex_lock(&lock);
    if (fstat(file, &found) == 0) {
        for (faults = watched; faults; faults = faults->next)
            if (faults->inode == found.st_ino && faults->device == found.st_dev) break;
    }
    if (!faults) pthread_mutex_unlock(&lock);
    errno = saved;
    return faults;
}

/// Takes the next number; how the call that has it fails, or NULL.
static const struct failure *next_failure(caseledger_faults *faults) {
    uint64_t number = faults->number++;
    for (int i = 0; i < faults->failure_count; i++) {
        const struct failure *failure = &faults->failures[i];
        if (number >= failure->first && number - failure->first < failure->count) return failure;
    }
    return NULL;
}

static ssize_t write_parts(
    caseledger_faults *faults, int file, const struct iovec *parts, int part_count, off_t place) {
    const struct failure *failure = next_failure(faults);
    if (failure && failure->how == caseledger_faults_refuse) {
        errno = failure->code;
        return -1;
    }
    struct iovec half = parts[0];
    if (failure && failure->how == caseledger_faults_halve) {
        half.iov_len /= 2;
        parts = &half;
        part_count = 1;
    }
    ssize_t result = syscall(SYS_pwritev, file, parts, part_count, place, 0L);
    if (result > 0) {
        bool durable = fcntl(file, F_GETFL) & O_DSYNC;
        add(faults, 0, durable, place, parts, part_count, result);
    }
    if (failure && failure->how == caseledger_faults_deny) {
        errno = failure->code;
        return -1;
    }
    return result;
}

// From here on the names are the C library's. A program's own functions come first when liblmdb,
// a shared library, is linked; these make the system calls themselves.

ssize_t pwrite(int file, const void *bytes, size_t length, off_t place) {
    caseledger_faults *faults = acquire(file);
    if (!faults) return syscall(SYS_pwrite64, file, bytes, length, place);
    struct iovec part = {(void *)bytes, length};
    ssize_t result = write_parts(faults, file, &part, 1, place);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t writev(int file, const struct iovec *parts, int part_count) {
    caseledger_faults *faults = acquire(file);
    if (!faults) return syscall(SYS_writev, file, parts, part_count);
    off_t place = lseek(file, 0, SEEK_CUR);
    ssize_t result = write_parts(faults, file, parts, part_count, place);
    int saved = errno;
    if (result > 0) lseek(file, place + result, SEEK_SET);
    errno = saved;
    pthread_mutex_unlock(&lock);
    return result;
}

int fdatasync(int file) {
    caseledger_faults *faults = acquire(file);
    if (!faults) return (int)syscall(SYS_fdatasync, file);
    const struct failure *failure = next_failure(faults);
    int result = 0;
    if (!failure || failure->how == caseledger_faults_deny) {
        result = (int)syscall(SYS_fdatasync, file);
        if (result == 0) add(faults, 1, true, 0, NULL, 0, 0);
    }
    if (failure) {
        errno = failure->code;
        result = -1;
    }
    pthread_mutex_unlock(&lock);
    return result;
}
