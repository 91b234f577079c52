#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a test does to the calls by which liblmdb writes a file. `pwrite`, `writev` and `fdatasync`
// of this target stand between every library of a test program and the system. Calls on files that
// nobody watches go straight through.

/// One watched file.
typedef struct caseledger_faults caseledger_faults;

/// One call on a watched file that was carried out, or a mark that the test set.
typedef struct {
    /// 0 write, 1 flush, 2 mark.
    int kind;
    /// Whether the write was on stable storage when it returned (O_DSYNC).
    bool durable;
    /// Where in the file, or the mark.
    uint64_t place;
    /// What was written, for as long as the file is watched.
    const uint8_t *bytes;
    size_t count;
} caseledger_faults_call;

/// What happens to a call that is to fail.
enum {
    /// Nothing is done.
    caseledger_faults_refuse = 0,
    /// Half of a write is done, and reported so; a flush is refused.
    caseledger_faults_halve = 1,
    /// Everything is done, and reported as failed.
    caseledger_faults_deny = 2,
};

/// Watches the file at `path`; NULL, with errno, if it is not there.
caseledger_faults *caseledger_faults_watch(const char *path);
/// Ends it.
void caseledger_faults_end(caseledger_faults *faults);
/// Makes the calls [first, first + count) fail with `code`, counted from 0 at the watch. At most
/// eight such spans; of two that hold a call the first counts.
void caseledger_faults_fail(
    caseledger_faults *faults, uint64_t first, uint64_t count, int code, int how);
/// Lets every call through again.
void caseledger_faults_heal(caseledger_faults *faults);
/// How many calls came, those that failed included.
uint64_t caseledger_faults_number(caseledger_faults *faults);
/// Adds a mark to the trace.
void caseledger_faults_mark(caseledger_faults *faults, uint64_t mark);
/// The calls and marks so far.
size_t caseledger_faults_count(caseledger_faults *faults);
/// One of them.
caseledger_faults_call caseledger_faults_at(caseledger_faults *faults, size_t index);
