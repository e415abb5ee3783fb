#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/audit/export.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"
#include "engine/sqlite/connection.h"
#include "tests/os/temporary_folder.h"

namespace drydock::test {

// A real journal with runs of a few events, each chained as the engine does it, and the means to
// damage it behind the journal's back.
class SmallJournal {
  public:
    SmallJournal() {
        journal_ = std::make_unique<journal::SqliteJournal>(
            journal::SqliteJournal::Options{.path = path(),
                                            .uuid = std::string(16, 'u'),
                                            .self = {.host = "here", .pid = 1, .since = 1},
                                            .now = [] { return std::int64_t{1}; }});
    }

    [[nodiscard]] std::string path() const { return folder_ / "journal.db"; }
    [[nodiscard]] journal::Journal& journal() { return *journal_; }

    // A run with a step that ended; returns its id. `number` makes several of one name.
    std::string add_ended_run(char name, int number = 0) {
        const std::string digits = std::to_string(number);
        const std::string run = run::make_run_id(std::string(16 - digits.size(), name) + digits);
        journal::Append all;
        all.events = events_of(run);
        all.update = journal::RunUpdate{
            .status = run::RunStatus::Succeeded, .why = {}, .due = 0, .ended = 6, .exit = 0};
        (void)journal_->create({.run = run,
                                .runbook = "small",
                                .environment = {},
                                .starter = "uid:1/anna",
                                .request = {},
                                .created = 1,
                                .parts = {}},
                               all);
        return run;
    }

    // A run whose first event is sealed and `more - 1` others are not; its owner lets it stand.
    std::unique_ptr<journal::Claim> add_open_run(char name, std::size_t more) {
        const std::string run = run::make_run_id(std::string(16, name));
        const auto events = events_of(run);
        auto claim = journal_->create({.run = run,
                                       .runbook = "small",
                                       .environment = {},
                                       .starter = "uid:1/anna",
                                       .request = {},
                                       .created = 1,
                                       .parts = {}},
                                      {.events = {events[0]}});
        for (std::size_t i = 1; i < more; ++i) journal_->append(*claim, {.events = {events[i]}});
        return claim;
    }

    static std::vector<journal::StoredEvent> events_of(const std::string& run) {
        std::vector<journal::StoredEvent> events;
        std::string head = run::chain_start(run);
        const auto add = [&](run::Payload payload, std::string scope, Value::Map body) {
            run::Event event{.run = run,
                             .seq = static_cast<std::int64_t>(events.size()) + 1,
                             .prev = head,
                             .time = static_cast<std::int64_t>(events.size()) + 1,
                             .term = 1};
            event.actor = "engine";
            event.scope = std::move(scope);
            event.attempt = event.scope.empty() ? 0 : 1;
            event.payload = std::move(payload);
            event.body = std::move(body);
            run::EncodedEvent encoded = run::encode(event, std::string(16, 's'));
            head = run::chain_next(encoded.line);
            events.push_back({.seq = event.seq,
                              .line = std::move(encoded.line),
                              .salt = std::move(encoded.salt),
                              .body = std::move(encoded.body)});
        };
        add(run::RunCreated{.runbook = "small",
                            .environment = {},
                            .plan = {},
                            .bundle = {},
                            .engine = "test",
                            .request = {},
                            .api = 1},
            {}, {{"starter", "anna"}});
        add(run::RunClaimed{}, {}, {});
        add(run::StepStarted{.effect = "read", .deadline_ms = 1000}, "do/look",
            {{"with", Value::Map{{"path", "\"quoted\" é"}}}});
        add(run::StepFinished{}, "do/look", {{"output", Value::Map{{"rows", 3}}}});
        add(run::PhaseBegan{.phase = run::Phase::Final,
                            .episode = 1,
                            .why = "done",
                            .outcome = run::RunStatus::Succeeded},
            {}, {});
        add(run::RunEnded{}, {}, {});
        return events;
    }

    // Runs `sql` on the file with the triggers that protect it taken away.
    void damage(const std::string& sql) {
        journal_.reset();
        {
            sqlite::Connection connection(path(), {});
            for (const char* trigger : {"events_keep_lines", "events_keep_rows",
                                        "events_erase_ended", "ledger_keep_lines",
                                        "ledger_keep_rows"})
                connection.exec(std::string("drop trigger if exists ") + trigger);
            connection.exec(sql);
        }
        journal_ = std::make_unique<journal::SqliteJournal>(
            journal::SqliteJournal::Options{.path = path(),
                                            .uuid = std::string(16, 'u'),
                                            .self = {.host = "here", .pid = 1, .since = 1},
                                            .now = [] { return std::int64_t{1}; }});
    }

    std::string exported() {
        std::string bytes;
        audit::export_journal(*journal_, {}, [&](std::string_view piece) { bytes += piece; });
        return bytes;
    }

  private:
    TemporaryFolder folder_;
    std::unique_ptr<journal::SqliteJournal> journal_;
};

}  // namespace drydock::test
