#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/export.h"

/* The table `iterations` has the columns of csv; `records` holds each record as JSON text, for sqlite's json_extract.
 */
struct database {
  sqlite3 *handle;
  const char *path;
  sqlite3_stmt *add_iteration, *add_record;
};

static void require(struct database *db, bool good) {
  if (!good)
    environment_error("the database '%s' cannot be written: %s", db->path, sqlite3_errmsg(db->handle));
}

static void execute(struct database *db, const char *statement) {
  require(db, sqlite3_exec(db->handle, statement, NULL, NULL, NULL) == SQLITE_OK);
}

static void create_tables(struct database *db) {
  char *create = NULL, *insert = NULL;
  size_t create_bytes, insert_bytes;
  FILE *c = open_memstream(&create, &create_bytes), *i = open_memstream(&insert, &insert_bytes);
  if (!c || !i)
    environment_error("no memory for a database");
  fputs("CREATE TABLE iterations (", c);
  fputs("INSERT INTO iterations VALUES (", i);
  for (size_t k = 0; k < export_column_count; k++) {
    fprintf(c, "%s\"%s\" %s", k ? ", " : "", export_columns[k].name, export_columns[k].is_text ? "TEXT" : "NUMERIC");
    fputs(k ? ", ?" : "?", i);
  }
  fputs(")", c);
  fputs(")", i);
  fclose(c);
  fclose(i);
  execute(db, "CREATE TABLE records (seq INTEGER PRIMARY KEY, record TEXT NOT NULL)");
  execute(db, create);
  execute(db, "CREATE INDEX iterations_of ON iterations (workload, collector, heap_bytes)");
  require(db, sqlite3_prepare_v2(db->handle, insert, -1, &db->add_iteration, NULL) == SQLITE_OK);
  require(db, sqlite3_prepare_v2(db->handle, "INSERT INTO records (record) VALUES (?)", -1, &db->add_record, NULL) ==
                  SQLITE_OK);
  free(create);
  free(insert);
}

static void bind(sqlite3_stmt *statement, int place, const json_t *value) {
  switch (value ? json_typeof(value) : JSON_NULL) {
  case JSON_INTEGER: sqlite3_bind_int64(statement, place, json_integer_value(value)); break;
  case JSON_REAL: sqlite3_bind_double(statement, place, json_real_value(value)); break;
  case JSON_TRUE: sqlite3_bind_int(statement, place, 1); break;
  case JSON_FALSE: sqlite3_bind_int(statement, place, 0); break;
  case JSON_STRING: sqlite3_bind_text(statement, place, json_string_value(value), -1, SQLITE_TRANSIENT); break;
  default: sqlite3_bind_null(statement, place);
  }
}

static void step(struct database *db, sqlite3_stmt *statement) {
  require(db, sqlite3_step(statement) == SQLITE_DONE);
  sqlite3_reset(statement);
}

static void add_row(struct database *db, const json_t *record, const json_t *iteration) {
  for (size_t i = 0; i < export_column_count; i++)
    bind(db->add_iteration, (int)i + 1, export_value(&export_columns[i], record, iteration));
  step(db, db->add_iteration);
}

static void add_record(struct database *db, const json_t *record) {
  char *text = json_dumps(record, JSON_COMPACT);
  require(db, text != NULL);
  sqlite3_bind_text(db->add_record, 1, text, -1, free);
  step(db, db->add_record);
  size_t i;
  json_t *iterations = json_object_get(record, "iterations"), *iteration;
  json_array_foreach(iterations, i, iteration) add_row(db, record, iteration);
  if (json_array_size(iterations) == 0)
    add_row(db, record, NULL);
}

void export_sqlite(struct run_folder *run, const char *path) {
  struct database db = {.path = path};
  unlink(path); /* it is derived, and made anew */
  require(&db, sqlite3_open(path, &db.handle) == SQLITE_OK);
  execute(&db, "BEGIN");
  create_tables(&db);
  for (json_t *record; (record = run_folder_require_next(run)); json_decref(record))
    add_record(&db, record);
  execute(&db, "COMMIT");
  sqlite3_finalize(db.add_iteration);
  sqlite3_finalize(db.add_record);
  require(&db, sqlite3_close(db.handle) == SQLITE_OK);
}
