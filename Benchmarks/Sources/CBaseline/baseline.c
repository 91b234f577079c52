#define _GNU_SOURCE
#include "CBaseline.h"
#include <fcntl.h>
#include <lmdb.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double baseline_fdatasync_us(const char *directory, int rounds, double share) {
    char path[4096];
    snprintf(path, sizeof path, "%s/fdatasync-probe", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) return -1;
    double *times = calloc((size_t)rounds, sizeof *times);
    static char page[4096];
    for (int i = 0; i < rounds; i++) {
        struct timespec a, b;
        if (pwrite(fd, page, sizeof page, (off_t)i * 4096) != sizeof page) break;
        clock_gettime(CLOCK_MONOTONIC, &a);
        fdatasync(fd);
        clock_gettime(CLOCK_MONOTONIC, &b);
        times[i] = (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare_doubles);
    double found = times[(int)(rounds * share)];
    free(times);
    close(fd);
    unlink(path);
    return found;
}

struct raw_lmdb {
    MDB_env *env;
    MDB_dbi table;
    uint64_t next;
};

raw_lmdb *raw_lmdb_open(const char *directory, size_t map_bytes) {
    raw_lmdb *db = calloc(1, sizeof *db);
    MDB_txn *txn;
    if (mdb_env_create(&db->env) || mdb_env_set_mapsize(db->env, map_bytes) ||
        mdb_env_set_maxdbs(db->env, 4) || mdb_env_open(db->env, directory, MDB_NOTLS, 0600) ||
        mdb_txn_begin(db->env, NULL, 0, &txn) ||
        mdb_dbi_open(txn, "leaves", MDB_CREATE, &db->table) || mdb_txn_commit(txn)) {
        if (db->env) mdb_env_close(db->env);
        free(db);
        return NULL;
    }
    return db;
}

static void key_bytes(uint8_t key[9], uint64_t arrival, uint8_t slot) {
    for (int i = 0; i < 8; i++) key[i] = (uint8_t)(arrival >> (56 - 8 * i));
    key[8] = slot;
}

int raw_lmdb_commit(raw_lmdb *db, int count, const uint8_t *leaf, size_t leaf_bytes,
                    const uint8_t *section, size_t section_bytes) {
    MDB_txn *txn;
    int code = mdb_txn_begin(db->env, NULL, 0, &txn);
    if (code) return code;
    for (int i = 0; i < count && !code; i++, db->next++) {
        uint8_t bytes[9];
        MDB_val key = {9, bytes}, value = {leaf_bytes, (void *)leaf};
        key_bytes(bytes, db->next, 0);
        code = mdb_put(txn, db->table, &key, &value, MDB_APPEND);
        if (!code && db->next % 10 < 3) {
            MDB_val sealed = {section_bytes, (void *)section};
            key_bytes(bytes, db->next, 1);
            code = mdb_put(txn, db->table, &key, &sealed, MDB_APPEND);
        }
    }
    if (code) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

uint64_t raw_lmdb_scan(raw_lmdb *db) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t bytes = 0;
    if (mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn)) return 0;
    if (!mdb_cursor_open(txn, db->table, &cursor)) {
        while (!mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
            bytes += value.mv_size + ((const uint8_t *)value.mv_data)[value.mv_size - 1] % 2;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return bytes;
}

uint64_t raw_lmdb_read(raw_lmdb *db, uint64_t first, int count) {
    MDB_txn *txn;
    uint64_t bytes = 0;
    if (mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn)) return 0;
    for (uint64_t arrival = first; arrival < first + (uint64_t)count; arrival++) {
        uint8_t slot_bytes[9];
        MDB_val key = {9, slot_bytes}, value;
        for (uint8_t slot = 0; slot <= (arrival % 10 < 3); slot++) {
            key_bytes(slot_bytes, arrival, slot);
            if (mdb_get(txn, db->table, &key, &value)) continue;
            bytes += value.mv_size + ((const uint8_t *)value.mv_data)[value.mv_size - 1] % 2;
        }
    }
    mdb_txn_abort(txn);
    return bytes;
}

raw_lmdb_rows raw_lmdb_measure(raw_lmdb *db) {
    raw_lmdb_rows rows = {0, 0, 0, 0};
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    if (mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn)) return rows;
    if (!mdb_cursor_open(txn, db->table, &cursor)) {
        while (!mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
            if (key.mv_size == 9 && ((const uint8_t *)key.mv_data)[8] == 0) {
                rows.leaves++;
                rows.leaf_bytes += value.mv_size;
            } else {
                rows.sections++;
                rows.section_bytes += value.mv_size;
            }
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return rows;
}

void raw_lmdb_close(raw_lmdb *db) {
    mdb_env_close(db->env);
    free(db);
}

struct raw_sqlite {
    sqlite3 *handle;
    sqlite3_stmt *insert;
    uint64_t next;
};

raw_sqlite *raw_sqlite_open(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/peer.sqlite", directory);
    raw_sqlite *db = calloc(1, sizeof *db);
    const char *setup =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE event(id INTEGER PRIMARY KEY, subject TEXT, leaf BLOB, section BLOB);"
        "CREATE INDEX bySubject ON event(subject, id);";
    if (sqlite3_open(path, &db->handle) || sqlite3_exec(db->handle, setup, NULL, NULL, NULL) ||
        sqlite3_prepare_v2(db->handle, "INSERT INTO event(subject, leaf, section) VALUES(?,?,?)",
                           -1, &db->insert, NULL)) {
        sqlite3_close(db->handle);
        free(db);
        return NULL;
    }
    return db;
}

int raw_sqlite_commit(raw_sqlite *db, int count, const uint8_t *leaf, size_t leaf_bytes,
                      const uint8_t *section, size_t section_bytes) {
    if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL)) return 1;
    for (int i = 0; i < count; i++, db->next++) {
        char subject[32];
        int length = snprintf(subject, sizeof subject, "case:%llu",
                              (unsigned long long)(db->next / 20));
        sqlite3_bind_text(db->insert, 1, subject, length, SQLITE_STATIC);
        sqlite3_bind_blob(db->insert, 2, leaf, (int)leaf_bytes, SQLITE_STATIC);
        if (db->next % 10 < 3) {
            sqlite3_bind_blob(db->insert, 3, section, (int)section_bytes, SQLITE_STATIC);
        } else {
            sqlite3_bind_null(db->insert, 3);
        }
        if (sqlite3_step(db->insert) != SQLITE_DONE) return 1;
        sqlite3_reset(db->insert);
    }
    return sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
}

void raw_sqlite_close(raw_sqlite *db) {
    sqlite3_finalize(db->insert);
    sqlite3_close(db->handle);
    free(db);
}
