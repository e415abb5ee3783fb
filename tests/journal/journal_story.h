#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/run/event_codec.h"

namespace drydock::journal {

// Verbs for tests that write runs into a journal without an engine.
inline std::string run_id(int number) {
    std::string id = std::to_string(number);
    return std::string(26 - id.size(), 'a') + id;
}

// Events of one run with a true chain.
class Chain {
  public:
    explicit Chain(std::string run) : run_(std::move(run)), head_(run::chain_start(run_)) {}

    StoredEvent next(run::Payload payload, Value::Map body = {}) {
        run::Event event;
        event.run = run_;
        event.seq = ++seq_;
        event.prev = head_;
        event.time = 1'000 * seq_;
        event.term = 1;
        event.actor = "engine";
        event.payload = std::move(payload);
        event.body = std::move(body);
        run::EncodedEvent encoded = run::encode(event, std::string(16, 's'));
        head_ = run::chain_next(encoded.line);
        return {seq_, std::move(encoded.line), std::move(encoded.salt), std::move(encoded.body)};
    }
    Append created() {
        Append append;
        append.events.push_back(
            next(run::RunCreated{.runbook = "demo", .api = 1}, {{"starter", "uid:0/root"}}));
        append.events.push_back(next(run::RunClaimed{.host = "here", .pid = 1}));
        return append;
    }
    Append one() {
        Append append;
        append.events.push_back(next(run::CancelRequested{}, {{"reason", "test"}}));
        return append;
    }

  private:
    std::string run_, head_;
    std::int64_t seq_ = 0;
};

inline NewRun new_run(int number, std::string starter = "uid:0/root") {
    return {.run = run_id(number),
            .runbook = "demo",
            .environment = "",
            .starter = std::move(starter),
            .request = {},
            .created = 1'000LL * number,
            .parts = {{"runbook.yaml", "text"}}};
}

inline SqliteJournal::Options journal_options(const std::string& folder) {
    return {.path = folder + "/journal.db",
            .uuid = std::string(16, 'u'),
            .self = {.host = "here", .pid = 42},
            .now = [] { return std::int64_t{5}; }};
}

inline ErrorCode code_thrown(const auto& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::Lua;
}

}  // namespace drydock::journal
