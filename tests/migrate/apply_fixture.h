#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/migrate/apply.h"
#include "engine/migrate/folder.h"
#include "engine/migrate/history_change.h"
#include "tests/sql/drivers.h"

namespace drydock::migrate {

// A database and a folder of migrations for it, and what steps of a run make of them.
class Migrated : public sql::OnEachDriver {
  protected:
    static bool on_server() { return GetParam() == sql::Driver::Postgres; }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_.file(name), std::ios::binary) << text;
    }
    // Three small ones, with their way back.
    void write_three() const {
        write("000001_users.up.sql", "create table users (id integer primary key, name text);\n");
        write("000001_users.down.sql", "drop table users;\n");
        write("000002_teams.up.sql",
              "create table teams (id integer primary key);\n"
              "insert into teams values (1);\ninsert into teams values (2);\n");
        write("000002_teams.down.sql", "drop table teams;\n");
        write("000003_tags.up.sql", "alter table users add column tags text;\n");
        write("000003_tags.down.sql", "alter table users drop column tags;\n");
    }

    [[nodiscard]] Folder read() const {
        ReadOptions options;
        options.dialect = on_server() ? sql::Dialect::Postgres : sql::Dialect::Sqlite;
        ReadResult result = read_folder(folder_.path(), options);
        for (const runbook::Diagnostic& problem : result.problems)
            ADD_FAILURE() << runbook::to_text(problem);
        return std::move(result.folder).value_or(Folder());
    }

    // As a step of a new run does it.
    Applied go(const std::string& target) {
        const Folder folder = read();
        const auto database = open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        options_.who = "anna";
        options_.run = scope_.run;
        return apply(session, folder, target_from(target), options_);
    }
    [[nodiscard]] Error refusal(const std::string& target) {
        return sql::failure([&] { go(target); });
    }
    [[nodiscard]] std::vector<std::string> done(const std::string& target) {
        std::vector<std::string> names;
        for (const Applied::One& one : go(target).done)
            names.push_back((one.way == Passage::Way::Up ? "up " : "down ") + one.version);
        return names;
    }
    // Changes the histories, as a step of a new run does it: "000002 counts as applied, …".
    std::string change(const HistoryChange& wanted) {
        const Folder folder = read();
        const auto database = open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        const Value done =
            change_history(session, folder, wanted,
                           {.tool = options_.tool, .who = "anna", .run = scope_.run});
        std::string all;
        for (const Value& item : done.as<Value::List>()) {
            all += (all.empty() ? "" : ", ") + to_text(*item.member("version")) + " " +
                   to_text(*item.member("does"));
        }
        return all;
    }
    std::string force(const std::string& version) {
        return change({.kind = HistoryChange::Kind::Force, .version = version, .reason = "why"});
    }
    std::string baseline(const std::string& version) {
        return change({.kind = HistoryChange::Kind::Baseline, .version = version});
    }
    std::string repair() {
        return change({.kind = HistoryChange::Kind::Repair, .reason = "seen"});
    }
    [[nodiscard]] Error refused(const std::function<void()>& work) const {
        return sql::failure(work);
    }
    // "up 000001, force 000002": what Drydock's own table has, from the oldest.
    [[nodiscard]] std::string recorded() const {
        const auto database = open();
        const Folder folder = read();
        Records records(*database, tool_history(*database, folder, options_.tool)->table());
        std::string all;
        for (const Record& one : records.read()) {
            all += (all.empty() ? "" : ", ") + std::string(action_name(one.action)) + " " +
                   one.version + (one.open() ? " (open)" : "");
        }
        return all;
    }
    [[nodiscard]] std::optional<Unfinished> unfinished() {
        folder_now_ = read();
        const auto database = open();
        const auto tool = tool_history(*database, folder_now_, options_.tool);
        Records records(*database, tool->table());
        return look_at_unfinished(*database, look(records, *tool, folder_now_), folder_now_);
    }
    [[nodiscard]] std::string ask(const std::string& query) const {
        std::string answer;
        open()->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            answer += (answer.empty() ? "" : " ") + to_text(row.value(0));
            return true;
        });
        return answer;
    }
    // "000001 applied, 000002 pending"
    [[nodiscard]] std::string standings() const {
        const Folder folder = read();
        const auto database = open();
        const auto tool = tool_history(*database, folder, {});
        Records records(*database, tool->table());
        std::string all;
        for (const Standing& one : look(records, *tool, folder).standings) {
            constexpr std::array<const char*, 6> kWords{
                "applied", "pending", "out of order", "changed", "no file", "baseline"};
            all += (all.empty() ? "" : ", ") + one.version + " " +
                   kWords.at(static_cast<std::size_t>(one.is));
        }
        return all;
    }

    sql::SessionHooks hooks() {
        return {.allow_write = [](const sql::StepSession&, std::string_view) {},
                .check_stop = [] {},
                .begin_effect =
                    [this](std::string_view, std::string_view, const Value& arguments) {
                        effects_.push_back(to_text(*arguments.member("sql")));
                        if (before_alone_) before_alone_();
                        return std::int64_t{1};
                    },
                .end_effect =
                    [this](std::int64_t, bool, std::string_view) {
                        if (after_alone_) after_alone_();
                    },
                .began_before = {},
                .progress =
                [this](std::int64_t, std::int64_t, std::string_view text) {
                    told_.emplace_back(text);
                    if (in_between_) std::exchange(in_between_, {})();
                },
            .notice =
                    [this](std::string_view, std::string_view text) {
                        told_.emplace_back(text);
                        if (text.find(" again: ") != std::string_view::npos) tries_again_ = true;
                    },
                .committed = [](std::string_view, std::string_view, std::int64_t) {}};
    }

    TempFolder folder_;
    Folder folder_now_;  // of what unfinished() returned
    ApplyOptions options_;
    sql::ReceiptScope scope_{
        .run = "", .scope = "do/migrate", .journal = "uuid", .term = 1, .seq = 3, .attempt = 1};
    CancelToken cancel_;
    int runs_ = 0;
    std::vector<std::string> effects_, told_;
    std::atomic<bool> tries_again_{false};
    std::function<void()> before_alone_, after_alone_;
    std::function<void()> in_between_;  // once, before a migration begins
};

}  // namespace drydock::migrate
