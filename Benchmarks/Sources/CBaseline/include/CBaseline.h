#ifndef CASELEDGER_BASELINE_H
#define CASELEDGER_BASELINE_H

#include <stddef.h>
#include <stdint.h>

/// Allocations by this process so far (malloc, calloc, realloc and aligned forms).
uint64_t baseline_allocations(void);

/// Microseconds of one fdatasync after a 4 KiB write in `directory`: the value that `share` of
/// `rounds` do not exceed.
double baseline_fdatasync_us(const char *directory, int rounds, double share);

/// LMDB through its C API: one table, keys of 9 bytes in rising order, MDB_APPEND, full durability.
typedef struct raw_lmdb raw_lmdb;
raw_lmdb *raw_lmdb_open(const char *directory, size_t map_bytes);
/// One durable commit of `count` leaves; three in ten are followed by a section row.
int raw_lmdb_commit(raw_lmdb *db, int count, const uint8_t *leaf, size_t leaf_bytes,
                    const uint8_t *section, size_t section_bytes);
/// Reads every row; returns their bytes.
uint64_t raw_lmdb_scan(raw_lmdb *db);
/// Reads the rows of `count` leaves from number `first` on, each by its key; returns their bytes.
uint64_t raw_lmdb_read(raw_lmdb *db, uint64_t first, int count);
/// How many leaf and section rows there are, and their bytes.
typedef struct {
    uint64_t leaves, leaf_bytes, sections, section_bytes;
} raw_lmdb_rows;
raw_lmdb_rows raw_lmdb_measure(raw_lmdb *db);
void raw_lmdb_close(raw_lmdb *db);

/// SQLite: WAL, synchronous=FULL, the same rows and an index by case.
typedef struct raw_sqlite raw_sqlite;
raw_sqlite *raw_sqlite_open(const char *directory);
/// One durable transaction of `count` inserts.
int raw_sqlite_commit(raw_sqlite *db, int count, const uint8_t *leaf, size_t leaf_bytes,
                      const uint8_t *section, size_t section_bytes);
void raw_sqlite_close(raw_sqlite *db);

#endif
