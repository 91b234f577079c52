#ifndef CASELEDGER_POSIX_SHIMS_H
#define CASELEDGER_POSIX_SHIMS_H

/// Names the calling thread, as debuggers and `top -H` show it; at most 15 bytes are kept.
void caseledger_set_thread_name(const char *name);

/// How many calls of `fork` lie between this process and the first of its ancestors that ran this
/// program. Cheaper than `getpid`, which is a system call.
unsigned caseledger_forks(void);

/// Lets two existing paths of one file system change places in one step; -1 and `errno` if not.
int caseledger_exchange(const char *one, const char *other);

#endif
