#include "engine/migrate/round_trip.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/schema/difference.h"
#include "engine/sql/split.h"
#include "engine/sql/statement_class.h"

namespace drydock::migrate {
namespace {

using Is = RoundTripped::Is;

// What only the histories keep is no part of a schema.
std::set<std::string> histories(sql::Database& database, const Folder& folder) {
    std::string table = tool_history(database, folder, {})->table();
    for (const std::string_view schema : {"public.", "main."}) {
        if (table.starts_with(schema)) table.erase(0, schema.size());
    }
    return {"table " + table, "schema drydock"};
}

class Tripper {
  public:
    Tripper(sql::StepSession& session, const Folder& folder, const RoundTripOptions& options)
        : session_(session), folder_(folder), without_(histories(session.database(), folder)) {
        up_.who = down_.who = options.who;
        up_.run = down_.run = options.run;
        // One at a time.
        up_.chosen = [](const State&, std::vector<Passage>& passages) {
            if (passages.size() > 1) passages.resize(1);
        };
    }

    RoundTrip operator()() {
        RoundTrip trip;
        before_ = look();
        for (const Migration& one : folder_.migrations) {
            session_.hooks().check_stop();
            trip.migrations.push_back(go(one));
            if (!stuck_) continue;
            trip.not_reached = folder_.migrations.size() - trip.migrations.size();
            break;
        }
        return trip;
    }

  private:
    [[nodiscard]] schema::Catalog look() {
        return schema::look_at(session_.database(), without_);
    }

    RoundTripped go(const Migration& one) {
        RoundTripped told{.key = one.key,
                          .version = one.version.text,
                          .name = one.name,
                          .file = one.up.file->path};
        if (!step(told, "up", Head{}, told.up)) {
            stuck_ = true;
            return told;
        }
        if (one.kind == Migration::Kind::Versioned)
            back_and_again(told, one);
        else
            before_ = look();
        return told;
    }

    void back_and_again(RoundTripped& told, const Migration& one) {
        schema::Catalog up = look();
        if (one.reverse == Reverse::Irreversible) {
            told.is = Is::Irreversible;
            told.reason = one.irreversible_reason;
        } else if (step(told, "down", Steps{-1}, told.down)) {
            const schema::Difference left = schema::difference(before_, look());
            Microseconds ignored{0};
            if (step(told, "up again", Head{}, ignored)) {
                const schema::Catalog second = look();
                judge(told, left, schema::difference(up, second));
                up = second;
            } else {
                stuck_ = true;
                told.left = schema::lines(left);
            }
        }
        before_ = std::move(up);
    }

    static void judge(RoundTripped& told, const schema::Difference& left,
                      const schema::Difference& again) {
        using Class = schema::Difference::Class;
        const Class worst = std::max(left.how(), again.how());
        told.is = worst == Class::Clean       ? Is::Clean
                  : worst == Class::OrderOnly ? Is::OrderOnly
                                              : Is::Differs;
        told.left = schema::lines(left);
        told.again = schema::lines(again);
    }

    bool step(RoundTripped& told, const std::string& what, const Target& target,
              Microseconds& took) {
        const bool down = what == "down";
        try {
            const Applied applied = apply(session_, folder_, target, down ? down_ : up_);
            CHECK(applied.done.size() == 1 && applied.done.front().key == told.key);
            took = applied.done.front().took;
            return true;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Connection || error.code() == ErrorCode::Interrupted)
                throw;
            told.is = Is::Fails;
            told.failed = what;
            told.error = error.message();
            told.hint = error.hint();
            // What was left in the middle keeps all others from being tried.
            stuck_ = is_unfinished();
            return false;
        }
    }

    [[nodiscard]] bool is_unfinished() {
        const auto tool = tool_history(session_.database(), folder_, {});
        Records records(session_.database(), tool->table());
        const State state = migrate::look(records, *tool, folder_);
        return state.unfinished || state.dirty_key;
    }

    sql::StepSession& session_;
    const Folder& folder_;
    std::set<std::string> without_;
    ApplyOptions up_, down_;
    schema::Catalog before_;
    bool stuck_ = false;
};

}  // namespace

std::string_view name_of(RoundTripped::Is is) {
    switch (is) {
        case Is::Clean: return "clean";
        case Is::OrderOnly: return "order only";
        case Is::Irreversible: return "irreversible";
        case Is::Differs: return "differs";
        case Is::Fails: return "fails";
    }
    CHECK(false);
}

bool RoundTrip::passed() const {
    return std::ranges::all_of(migrations,
                               [](const RoundTripped& one) { return one.is < Is::Differs; });
}

RoundTrip round_trip(sql::StepSession& session, const Folder& folder,
                     const RoundTripOptions& options) {
    if (options.prerequisites)
        run_prerequisites(session, folder.path + "/prerequisites.sql", *options.prerequisites);
    return Tripper(session, folder, options)();
}

Value to_value(const RoundTrip& trip) {
    Value::List all;
    for (const RoundTripped& one : trip.migrations) {
        Value::Map map{{"version", one.version},
                       {"name", one.name},
                       {"file", one.file},
                       {"is", name_of(one.is)},
                       {"left", Value::List(one.left.begin(), one.left.end())},
                       {"again", Value::List(one.again.begin(), one.again.end())},
                       {"up_seconds", static_cast<double>(one.up.count()) / 1e6},
                       {"down_seconds", static_cast<double>(one.down.count()) / 1e6}};
        if (!one.reason.empty()) map.emplace("reason", one.reason);
        if (!one.failed.empty()) {
            map.emplace("failed", one.failed);
            map.emplace("error", one.error);
            map.emplace("hint", one.hint);
        }
        all.emplace_back(std::move(map));
    }
    return Value::Map{{"passed", trip.passed()},
                      {"not_reached", static_cast<std::int64_t>(trip.not_reached)},
                      {"migrations", std::move(all)}};
}

void run_prerequisites(sql::StepSession& session, const std::string& name,
                       const std::string& text) {
    sql::Database& database = session.database();
    const sql::SplitText split = sql::split_file(text, database.dialect());
    const auto place = [&](std::size_t offset) {
        const auto lines = std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n');
        return name + ":" + std::to_string(lines + 1);
    };
    if (!split.problems.empty()) {
        const sql::SplitProblem& first = split.problems.front();
        throw Error(ErrorCode::Document, place(first.offset) + ": " + first.message, first.hint);
    }
    std::size_t count = 0;
    for (const sql::FileStatement& one : split.statements) {
        if (sql::controls_transaction(one.tokens)) continue;
        try {
            if (sql::in_transaction(one.tokens, database.dialect()) ==
                sql::InTransaction::Refused) {
                session.exec_alone_written(one.text, false);
                continue;
            }
            session.transaction("prerequisites " + std::to_string(++count), [&] {
                database.run_written({.text = one.text, .data = one.data}, sql::Access::Write);
                return Value();
            });
        } catch (const Error& error) {
            throw error.in(place(static_cast<std::size_t>(one.text.data() - text.data())));
        }
    }
}

}  // namespace drydock::migrate
