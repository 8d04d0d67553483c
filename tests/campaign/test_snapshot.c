/* Snapshots: a sweep that is put together from them goes on as the one that they were taken of, and records that do not
 * fit are refused. */
#include "campaign/snapshot.h"

#include "campaign/sweeps.h"

#include <pthread.h>
#include <stdatomic.h>

/* What a store would do: records of the same kind and place take the place of earlier ones, and all waypoints that of
 * all before. */
#define SHELVES 4000
typedef struct shelf {
    ts_records pieces[SHELVES];
    size_t count;
} shelf;

static bool look(const ts_records *piece, ts_record *record) {
    size_t at = 0;
    return ts_records_next(piece->bytes, piece->size, &at, record);
}

/* The place of a record: that of an earlier one of the same kind and place, else one that is empty. */
static size_t place(shelf *of, const ts_record *record) {
    size_t empty = of->count;
    for (size_t i = 0; i < of->count; i++) {
        ts_record old;
        if (!look(&of->pieces[i], &old))
            empty = i;
        else if (old.kind == record->kind && old.cell == record->cell && old.first == record->first)
            return i;
    }
    assert_true(empty < SHELVES);
    if (empty == of->count)
        of->pieces[of->count++] = (ts_records){0};
    return empty;
}

static void shelve(shelf *of, const ts_records *records) {
    ts_record record;
    for (size_t at = 0; ts_records_next(records->bytes, records->size, &at, &record);) {
        ts_records *piece = &of->pieces[place(of, &record)];
        ts_records_clear(piece);
        ts_records_add(piece, &record);
    }
}

static void forget_waypoints(shelf *of) {
    for (size_t i = 0; i < of->count; i++) {
        ts_record record;
        if (look(&of->pieces[i], &record) && record.kind == TS_RECORD_WAYPOINT)
            ts_records_clear(&of->pieces[i]);
    }
}

static void empty(shelf *of) {
    for (size_t i = 0; i < of->count; i++)
        ts_records_free(&of->pieces[i]);
    of->count = 0;
}

static void take(ts_snapshot *snapshot, ts_sweep *sweep, shelf *to) {
    ts_records records = {0};
    bool more = true;
    forget_waypoints(to);
    while (more) {
        more = ts_snapshot_take(snapshot, sweep, &records);
        assert_false(records.incomplete);
        shelve(to, &records);
    }
    ts_records_free(&records);
}

static ts_status restore(ts_sweep *sweep, const shelf *from, ts_error *error) {
    ts_status status = TS_OK;
    for (uint32_t kind = TS_RECORD_CELL; kind <= TS_RECORD_STATE; kind++)
        for (size_t i = 0; status == TS_OK && i < from->count; i++) {
            ts_record record;
            if (look(&from->pieces[i], &record) && record.kind == kind)
                status = ts_snapshot_restore(sweep, &record, error);
        }
    return status == TS_OK ? ts_snapshot_restored(sweep, error) : status;
}

static ts_sweep *restored(const ts_settings *settings, const shelf *from) {
    ts_error error = {0};
    ts_sweep *sweep = prepare_sweep(settings);
    if (restore(sweep, from, &error) != TS_OK)
        fail_msg("%s", error.message);
    return sweep;
}

/* Every stop is the end of a process: the next one has nothing but what was taken. */
static void a_sweep_goes_on_from_its_snapshots(void **state) {
    (void)state;
    static shelf all;
    int all_stops = 0, on_their_way = 0;
    for (size_t k = 0; k < KINDS; k++) {
        const ts_settings settings = kinds[k]();
        ts_sweep *whole = run_sweep(&settings, NULL), *sweep = prepare_sweep(&settings);
        int stops = 0;
        ts_snapshot snapshot;
        assert_true(ts_snapshot_create(&snapshot, sweep));
        while (run_some(sweep, stops < 5 ? 40 : INT32_MAX) == TS_INTERRUPTED) {
            on_their_way += sweep->underway.count > 0;
            take(&snapshot, sweep, &all);
            assert_int_equal(snapshot.waypoints, sweep->underway.count);
            ts_sweep_destroy(sweep);
            ts_snapshot_free(&snapshot);
            sweep = restored(&settings, &all);
            assert_true(ts_snapshot_create(&snapshot, sweep));
            ts_snapshot_assume(&snapshot, sweep);
            stops++;
        }
        all_stops += stops;
        assert_same(whole, sweep);
        ts_snapshot_free(&snapshot);
        ts_sweep_destroy(sweep);
        ts_sweep_destroy(whole);
        empty(&all);
    }
    assert_true(all_stops > 8 && on_their_way > 8);
}

/* One thread runs a sweep, another one takes snapshots of it as often as it can. */
typedef struct running {
    ts_sweep *sweep;
    atomic_bool done;
} running;

static void *run_to_the_end(void *context) {
    running *of = context;
    run_some(of->sweep, INT32_MAX);
    of->done = true;
    return NULL;
}

/* What was taken goes on to the same end. */
static void assert_goes_on(const ts_settings *settings, const shelf *from, const ts_sweep *whole) {
    ts_sweep *then = restored(settings, from);
    assert_int_equal(run_some(then, INT32_MAX), TS_OK);
    assert_same(whole, then);
    ts_sweep_destroy(then);
}

static void take_while_it_runs(const ts_settings *settings, const ts_sweep *whole) {
    static shelf all;
    running of = {.sweep = prepare_sweep(settings)};
    ts_snapshot snapshot;
    pthread_t thread;
    assert_true(ts_snapshot_create(&snapshot, of.sweep));
    assert_int_equal(pthread_create(&thread, NULL, run_to_the_end, &of), 0);
    for (int taken = 0; !of.done && taken < 100; taken++) {
        of.sweep->reached.asked++;
        take(&snapshot, of.sweep, &all);
        if (taken % 10 == 0) /* whenever it was, what is there fits together */
            ts_sweep_destroy(restored(settings, &all));
    }
    assert_goes_on(settings, &all, whole);
    pthread_join(thread, NULL);
    take(&snapshot, of.sweep, &all);
    assert_goes_on(settings, &all, whole);
    ts_sweep_destroy(of.sweep);
    ts_snapshot_free(&snapshot);
    empty(&all);
}

static void snapshots_may_be_taken_at_any_time(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const ts_settings settings = kinds[k]();
        ts_sweep *whole = run_sweep(&settings, NULL);
        take_while_it_runs(&settings, whole);
        ts_sweep_destroy(whole);
    }
}

static void what_was_taken_is_not_taken_again(void **state) {
    (void)state;
    const ts_settings settings = in_rounds();
    ts_sweep *sweep = run_sweep(&settings, NULL);
    ts_snapshot snapshot;
    ts_records records = {0};
    assert_true(ts_snapshot_create(&snapshot, sweep));
    assert_false(ts_snapshot_take(&snapshot, sweep, &records));
    const size_t whole = records.size;
    assert_true(whole > 1000 && snapshot.trainings > 30 && snapshot.limits_all > 0);
    assert_false(ts_snapshot_take(&snapshot, sweep, &records));
    assert_int_equal(records.size, 0);
    ts_snapshot_forget(&snapshot, sweep);
    assert_false(ts_snapshot_take(&snapshot, sweep, &records));
    assert_int_equal(records.size, whole);
    ts_snapshot_forget(&snapshot, sweep);
    ts_snapshot_assume(&snapshot, sweep);
    assert_false(ts_snapshot_take(&snapshot, sweep, &records));
    assert_int_equal(records.size, 0);
    ts_records_free(&records);
    ts_snapshot_free(&snapshot);
    ts_sweep_destroy(sweep);
}

/* Parts of several processes add up, and none of them twice. */
static void parts_add_up_once(void **state) {
    (void)state;
    static shelf part[2];
    const ts_settings settings = stopping();
    ts_sweep *whole = run_sweep(&settings, NULL), *sum = prepare_sweep(&settings);
    ts_error error = {0};
    for (uint32_t i = 0; i < 2; i++) {
        const ts_run_options options = {.part = i + 1, .parts = 2};
        ts_sweep *sweep = prepare_sweep(&settings);
        ts_snapshot snapshot;
        assert_true(ts_snapshot_create(&snapshot, sweep));
        assert_int_equal(ts_sweep_run(sweep, &options, NULL, NULL), TS_OK);
        take(&snapshot, sweep, &part[i]);
        assert_int_equal(restore(sum, &part[i], &error), TS_OK);
        ts_snapshot_free(&snapshot);
        ts_sweep_destroy(sweep);
    }
    assert_same(whole, sum);
    assert_int_equal(restore(sum, &part[0], &error), TS_INVALID);
    assert_non_null(strstr(error.message, "are there twice"));
    ts_sweep_destroy(sum);
    ts_sweep_destroy(whole);
    empty(&part[0]);
    empty(&part[1]);
}

/* Any byte of a record may be another one: it is refused or, where it still makes sense, taken, and never more. */
static void damaged_records_do_no_harm(void **state) {
    (void)state;
    static shelf all;
    test_random random = {5};
    int refused = 0;
    const ts_settings settings = in_rounds();
    ts_sweep *sweep = prepare_sweep(&settings);
    ts_snapshot snapshot;
    assert_true(ts_snapshot_create(&snapshot, sweep));
    while (run_some(sweep, 2000) == TS_INTERRUPTED && snapshot.trainings == 0)
        take(&snapshot, sweep, &all);
    take(&snapshot, sweep, &all);
    for (int round = 0; round < 150; round++) {
        const size_t i = random_word(&random) % all.count, size = all.pieces[i].size;
        if (size == 0)
            continue;
        const size_t at = random_word(&random) % size;
        const uint8_t byte = all.pieces[i].bytes[at];
        ts_sweep *then = prepare_sweep(&settings);
        ts_error error = {0};
        all.pieces[i].bytes[at] ^= (uint8_t)(1 + random_word(&random) % 255);
        const ts_status status = restore(then, &all, &error);
        assert_true(status == TS_OK || status == TS_INVALID);
        refused += status == TS_INVALID;
        all.pieces[i].bytes[at] = byte;
        ts_sweep_destroy(then);
    }
    assert_true(refused > 25);
    ts_snapshot_free(&snapshot);
    ts_sweep_destroy(sweep);
    empty(&all);
}

static void final_states_that_are_missing_are_noticed(void **state) {
    (void)state;
    static shelf all;
    const ts_settings settings = kept();
    ts_sweep *sweep = run_sweep(&settings, NULL), *then = prepare_sweep(&settings);
    ts_snapshot snapshot;
    ts_error error = {0};
    assert_true(ts_snapshot_create(&snapshot, sweep));
    take(&snapshot, sweep, &all);
    for (size_t i = 0; i < all.count; i++) {
        ts_record record;
        if (look(&all.pieces[i], &record) && record.kind == TS_RECORD_KEPT)
            ts_records_clear(&all.pieces[i]);
    }
    assert_int_equal(restore(then, &all, &error), TS_INVALID);
    assert_string_equal(error.message, "the final states and the trainings of cell 0 do not fit together");
    ts_snapshot_free(&snapshot);
    ts_sweep_destroy(sweep);
    ts_sweep_destroy(then);
    empty(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_goes_on_from_its_snapshots),
        cmocka_unit_test(snapshots_may_be_taken_at_any_time),
        cmocka_unit_test(what_was_taken_is_not_taken_again),
        cmocka_unit_test(parts_add_up_once),
        cmocka_unit_test(damaged_records_do_no_harm),
        cmocka_unit_test(final_states_that_are_missing_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
