#pragma once

#include <sqlite3.h>

// `sqlite3_config` takes a variable number of arguments, which Swift cannot pass.

/// Stops SQLite from counting what it allocates. Only before its first use in the process; without effect later.
static inline int csqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
