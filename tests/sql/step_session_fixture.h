#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/sql/step_session.h"
#include "tests/sql/drivers.h"

namespace drydock::sql {

// What a stopped attempt throws; no Error, as in the engine.
struct Stop {};

// Fails as a transaction that lost against another one, `times` times; a sequence does not roll
// back.
inline std::string losing(int times) {
    return "do $$ begin if nextval('tries') <= " + std::to_string(times) +
           " then raise exception 'could not serialize access' using errcode = '40001'; end if; "
           "end $$";
}

class StepSessionTest : public OnEachDriver {
  protected:
    // A new session, as a new attempt (also one after a crash) would have.
    void restart() {
        session_.reset();
        ++scope_.attempt;
        database_ = open();
        session_.emplace("app", *database_, scope_, hooks(), system_clock(), cancel_);
    }

    SessionHooks hooks() {
        return {.allow_write = [this](const StepSession&,
                                      std::string_view what) { allowed_.emplace_back(what); },
                .check_stop =
                    [this] {
                        if (cancel_.stop_now() || --batches_until_stop_ == 0) throw Stop{};
                    },
                .begin_effect = [this](std::string_view, std::string_view,
                                       const Value&) { return ++effects_; },
                .end_effect =
                    [this](std::int64_t, bool ok, std::string_view code) {
                        ended_.push_back(ok ? "ok" : std::string(code));
                    },
                .progress = [](std::int64_t, std::int64_t, std::string_view) {},
                .notice = {},
                .committed =
                    [this](std::string_view, std::string_view key, std::int64_t rows) {
                        committed_.push_back(std::string(key) + ":" + std::to_string(rows));
                    }};
    }

    void insert(int a) {
        session_->exec("insert into t values ($1, 'x')", {.positional = {a}, .named = {}}, {});
    }
    std::int64_t expire(std::int64_t size = 3) {
        return session_
            ->batches({.key = "expire",
                       .sql = "delete from t where a in (select a from t limit :size)",
                       .arguments = {},
                       .size = size})
            .rows;
    }
    std::optional<Receipt> receipt(std::string_view key) {
        return find_receipt(*database_, scope_.run, scope_.scope, key);
    }
    std::int64_t ask_tries() {
        std::int64_t last = 0;
        open()->run("select last_value from tries", {}, Access::Read, [&](const Row& row) {
            last = row.value(0).as<std::int64_t>();
            return true;
        });
        return last;
    }
    std::int64_t fill(int rows) {
        outside("with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
                std::to_string(rows) + ") insert into t select i, 'x' from n");
        return rows;
    }

    ReceiptScope scope_{
        .run = "01RUN", .scope = "do/step", .journal = "uuid", .term = 1, .seq = 3, .attempt = 1};
    CancelToken cancel_;
    std::vector<std::string> allowed_;
    std::vector<std::string> ended_;
    std::vector<std::string> committed_;
    int batches_until_stop_ = -1;
    std::int64_t effects_ = 0;
    std::unique_ptr<Database> database_ = open();
    std::optional<StepSession> session_{std::in_place, "app",          *database_, scope_,
                                        hooks(),       system_clock(), cancel_};
};

}  // namespace drydock::sql
