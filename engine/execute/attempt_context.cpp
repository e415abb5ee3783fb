#include "engine/execute/attempt_context.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/error.h"
#include "engine/execute/evaluate.h"
#include "engine/json/json.h"
#include "engine/run/ids.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

constexpr std::size_t kMaxRecordedBytes = 1 << 20;
constexpr std::size_t kMaxLogLine = 8 << 10;
constexpr Microseconds kProgressEvery{200'000};

const char* level_name(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return "debug";
        case LogLevel::Info: return "info";
        case LogLevel::Warn: return "warn";
        case LogLevel::Error: return "error";
    }
    return "info";
}

}  // namespace

AttemptContext::AttemptContext(Workshop& shop, About about, const Names& names)
    : shop_(shop),
      about_(std::move(about)),
      names_(names),
      // A probe looks at an attempt whose log must stay as it is.
      log_(shop.log_folder, about_.scope + (about_.reading_commands ? "/probe" : ""),
           about_.attempt) {
    // Also of an undo, which nothing else bounds.
    if (shop.rehearsal) about_.bound = std::min(about_.bound, runbook::Effect::Transaction);
}

AttemptContext::~AttemptContext() = default;

const run::ScopeState* AttemptContext::state() const { return shop_.state.find(about_.scope); }

void AttemptContext::check_stop() {
    if (shop_.cancel.stop_now()) throw Stopped{shop_.cancel.reason()};
}

// --- writing to targets --------------------------------------------------------------------------

sql::StepSession& AttemptContext::sql(std::string_view connection) {
    const auto found = sessions_.find(connection);
    if (found != sessions_.end()) return *found->second;
    sql::Database* database = nullptr;
    try {
        database = &shop_.targets.open(connection, shop_.writer);
    } catch (const Error& error) {
        rethrow_from_binding(error);
    }
    const run::ScopeState* scope = state();
    sql::ReceiptScope receipt{.run = shop_.state.run(),
                              .scope = about_.scope,
                              .journal = shop_.targets.journal_uuid(),
                              .term = shop_.writer.claim().term(),
                              .seq = scope == nullptr ? 0 : scope->attempt_seq,
                              .attempt = about_.attempt};
    database->set_deadline(about_.deadline);
    auto session = std::make_unique<sql::StepSession>(
        std::string(connection), *database, std::move(receipt), hooks(), shop_.clock, shop_.cancel);
    return *sessions_.emplace(connection, std::move(session)).first->second;
}

void AttemptContext::rethrow_from_binding(const Error& error) {
    if (error.code() != ErrorCode::Journal) throw error;
    fatal_ = std::current_exception();
    throw Stopped{StopReason::Interrupt};
}

sql::SessionHooks AttemptContext::hooks() {
    return {
        .one_batch = shop_.rehearsal,
        .allow_write = [this](const sql::StepSession& asking,
                              std::string_view what) { allow_write(&asking, what); },
        .check_stop =
            [this] {
                check_stop();
                stop_between_batches();
            },
        .begin_effect =
            [this](std::string_view primitive, std::string_view subject, const Value& arguments) {
                return begin_effect(primitive, subject, arguments);
            },
        .end_effect =
            [this](std::int64_t effect, bool ok, std::string_view code) {
                // Without an answer of the server nobody knows.
                end_effect(effect, ok ? "ok" : code == sql::kLostCode ? "lost" : "error", 0);
            },
        .began_before =
            [this](std::string_view connection, std::string_view statement) {
                const run::ScopeState* scope = this->state();
                return scope != nullptr && scope->began_alone.contains(
                                               {std::string(connection), std::string(statement)});
            },
        .progress = [this](std::int64_t done, std::int64_t total,
                           std::string_view text) { progress(done, total, text); },
        .notice =
            [this](std::string_view severity, std::string_view text) {
                const bool warning = severity == "warning";
                log(warning ? LogLevel::Warn : LogLevel::Info, text);
            },
        .committed =
            [this](std::string_view connection, std::string_view key, std::int64_t rows) {
                note_receipt(connection, key, rows);
            },
    };
}

// The batches of one drain share a receipt: a million of them are one entry of the record, which
// must stay small enough to be read back.
void AttemptContext::note_receipt(std::string_view connection, std::string_view key,
                                  std::int64_t rows) {
    if (!receipts_.empty()) {
        auto& last = *receipts_.back().find<Value::Map>();
        if (last["connection"] == Value(connection) && last["key"] == Value(key)) {
            last["rows"] = last["rows"].as<std::int64_t>() + rows;
            return;
        }
    }
    receipts_.emplace_back(Value::Map{{"connection", connection}, {"key", key}, {"rows", rows}});
}

// Between two batches everything done is receipted: a good place to stop, unless an unsafe effect
// before them would be in doubt.
void AttemptContext::stop_between_batches() const {
    const run::ScopeState* scope = state();
    if (scope != nullptr && scope->uncovered() > 0) return;
    if (shop_.cancel.reason() == StopReason::AtSafePoint) throw Stopped{StopReason::AtSafePoint};
    // The finally steps come to their end whoever asks.
    if (shop_.cancel_asked && shop_.state.phase() != run::Phase::Final)
        throw Stopped{StopReason::Cancel};
}

void AttemptContext::allow_write(const sql::StepSession* asking, std::string_view what) {
    require_bound(runbook::Effect::Transaction, what);
    for (const auto& [name, session] : sessions_) {
        if (session.get() == asking) continue;
        if (session->in_keyed_transaction() || session->has_uncommitted_writes()) {
            throw Error(ErrorCode::Lua,
                        std::string(what) + " while connection " + name + " has uncommitted writes",
                        "one step writes to one database at a time: use transaction{key = …} for "
                        "each, one after "
                        "the other, or two steps");
        }
    }
    check_stop();
}

void AttemptContext::require_bound(runbook::Effect needed, std::string_view what) const {
    if (about_.bound >= needed) return;
    const char* allowed = about_.bound == runbook::Effect::Read ? "read" : "write in transactions";
    throw Error(ErrorCode::Lua,
                std::string(what) + " is more than this step may do: it is declared to " + allowed +
                    " only",
                needed == runbook::Effect::Unsafe
                    ? "declare effect: unsafe, so that the plan shows it"
                    : "declare effect: transaction, so that the plan shows it");
}

void AttemptContext::require_settled_writes(std::string_view what) const {
    for (const auto& [name, session] : sessions_) {
        if (session->in_keyed_transaction()) {
            throw Error(ErrorCode::Lua, std::string(what) + " inside a transaction of " + name,
                        "a rollback could not take it back: do it before or after the transaction");
        }
        if (session->has_uncommitted_writes()) {
            throw Error(ErrorCode::Lua, std::string(what) + " with uncommitted writes on " + name,
                        "uncommitted writes: use transaction{key = …}, which commits at once");
        }
    }
}

std::vector<std::string> AttemptContext::connection_names() const {
    std::vector<std::string> names;
    for (const auto& [name, connection] : shop_.bundle.runbook.connections) names.push_back(name);
    return names;
}

std::string AttemptContext::sqlite_path(std::string_view connection) const {
    return shop_.targets.sqlite_path(connection);
}

std::string AttemptContext::address(std::string_view connection) const {
    return shop_.targets.address(connection);
}

void AttemptContext::close_connection(std::string_view connection) {
    for (const std::string& name : shop_.targets.same_file(connection)) {
        const auto found = sessions_.find(name);
        if (found != sessions_.end()) sessions_.erase(found);
        shop_.targets.close(name);
    }
}

void AttemptContext::target_replaced(std::string_view connection) {
    close_connection(connection);
    try {
        shop_.targets.bind_replaced(connection, shop_.writer);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Journal) throw;
        fatal_ = std::current_exception();
        throw Stopped{StopReason::Interrupt};
    }
}

void AttemptContext::finish(const Value& output) {
    std::optional<std::string> json;
    if (!output.is_null()) json = json::write_typed(output);
    commit_in_doubt_ = true;  // until it returns
    for (const auto& [name, session] : sessions_) session->finish(json);
    commit_in_doubt_ = false;
}

// --- recorded values -----------------------------------------------------------------------------

std::optional<Value> AttemptContext::recorded(std::string_view key) const {
    const run::ScopeState* scope = state();
    if (scope == nullptr) return std::nullopt;
    const auto found = scope->recorded.find(key);
    if (found == scope->recorded.end()) return std::nullopt;
    return found->second;
}

Value AttemptContext::all_recorded() const {
    const run::ScopeState* scope = state();
    return scope == nullptr ? Value(Value::Map{}) : Value(scope->recorded);
}

void AttemptContext::begin_once(std::string_view key) {
    require_settled_writes("once");
    const run::ScopeState* scope = state();
    if (scope != nullptr && std::ranges::find(scope->oversize, key) != scope->oversize.end()) {
        throw Error(ErrorCode::Lua,
                    "once(\"" + std::string(key) + "\") gave a value larger than 1 MiB",
                    "keep large data in a file beneath files: and record its path");
    }
    end_file_change(false);
    once_since_[std::string(key)] = effects_;
}

void AttemptContext::record(std::string_view key, const Value& value) {
    require_settled_writes("once");
    end_file_change(false);
    const auto since = once_since_.find(key);
    CHECK(since != once_since_.end());
    run::ValueRecorded payload;
    for (std::int64_t n = since->second + 1; n <= effects_; ++n) payload.covers.push_back(n);
    payload.oversize = json::write_typed(value).size() > kMaxRecordedBytes;
    Value::Map body{{"key", key}};
    if (!payload.oversize) body.emplace("value", value);
    const bool oversize = payload.oversize;
    kill_point("once.before_record");
    if (protected_by(Protection::OnceRecord)) append(std::move(payload), std::move(body));
    kill_point("once.after_record");
    if (oversize)
        begin_once(key);  // raises, now and on every rerun, without calling the function again
}

Value AttemptContext::recordable(const Value& value) const {
    if (shop_.redactor.empty() || !protected_by(Protection::RecordRedaction)) return value;
    return shop_.redactor.redact(value);
}

// --- unsafe effects ------------------------------------------------------------------------------

void AttemptContext::append(run::Payload payload, Value::Map body) {
    if (!about_.journaled) return;
    try {
        shop_.writer.add(
            std::move(payload),
            {.scope = about_.scope, .attempt = about_.attempt, .body = std::move(body)});
        shop_.writer.commit();
    } catch (const Error&) {
        // Not an error that a script may handle: nothing more may happen in this process.
        fatal_ = std::current_exception();
        throw Stopped{StopReason::Interrupt};
    }
}

void AttemptContext::rethrow_fatal() const {
    if (fatal_) std::rethrow_exception(fatal_);
}

std::int64_t AttemptContext::begin_effect(std::string_view primitive, std::string_view subject,
                                          const Value& arguments) {
    require_bound(runbook::Effect::Unsafe, primitive);
    require_settled_writes(primitive);
    check_stop();
    const std::int64_t n = ++effects_;
    kill_point("effect.before_began");
    if (protected_by(Protection::EffectRecord)) {
        append(run::EffectBegan{.n = n, .primitive = std::string(primitive)},
               {{"subject", shop_.redactor.redact(subject)},
                {"arguments", shop_.redactor.redact(arguments)}});
    }
    kill_point("effect.began");
    return n;
}

void AttemptContext::end_effect(std::int64_t effect, std::string_view result, std::int64_t code) {
    kill_point("effect.before_ended");
    if (!about_.journaled || !protected_by(Protection::EffectRecord)) return;
    // Rides with the next commit: when it is lost, the effect is in doubt, which is true.
    shop_.writer.add(
        run::EffectEnded{
            .n = effect, .result = run::from_name<run::EffectResult>(result), .code = code},
        {.scope = about_.scope, .attempt = about_.attempt});
}

void AttemptContext::allow_read(std::string_view primitive) {
    for (const auto& [name, session] : sessions_) {
        if (!session->in_keyed_transaction()) continue;
        throw Error(ErrorCode::Lua, std::string(primitive) + " inside a transaction of " + name,
                    "only SQL of that connection, log and progress may stand there: read before "
                    "the transaction");
    }
    check_stop();
}

void AttemptContext::begin_file_change(std::string_view primitive, std::string_view path) {
    require_bound(runbook::Effect::Unsafe, primitive);
    require_settled_writes(primitive);
    check_stop();
    if (file_effect_ == 0) file_effect_ = begin_effect(primitive, path, Value());
}

void AttemptContext::end_file_change(bool failed) {
    if (file_effect_ == 0) return;
    end_effect(std::exchange(file_effect_, 0), failed ? "error" : "ok", 0);
}

// --- frozen texts, log ---------------------------------------------------------------------------

std::string AttemptContext::source_text(std::string_view path) const {
    const auto found = shop_.bundle.sources.find(path);
    if (found == shop_.bundle.sources.end()) {
        throw Error(ErrorCode::File, std::string(path) + " was not frozen with the run",
                    "give it by a parameter of type source");
    }
    return found->second;
}

StepContext::Files AttemptContext::source_files(std::string_view folder) const {
    std::string prefix(folder);
    while (prefix.ends_with('/')) prefix.pop_back();
    prefix += '/';
    Files files;
    for (auto at = shop_.bundle.sources.lower_bound(prefix);
         at != shop_.bundle.sources.end() && at->first.starts_with(prefix); ++at)
        files.emplace(at->first.substr(prefix.size()), at->second);
    if (!files.empty()) return files;
    throw Error(ErrorCode::File, std::string(folder) + " was not frozen with the run as a folder",
                "give a folder with files by a parameter of type source");
}

Value AttemptContext::render(std::string_view template_text, std::string_view name) {
    return render_text(template_text, name, shop_.runner, names_);
}

void AttemptContext::log(LogLevel level, std::string_view text) {
    std::string line = json::to_utf8(shop_.redactor.redact(text.substr(0, kMaxLogLine)));
    std::ranges::replace(line, '\n', ' ');
    log_.write(to_text(shop_.clock.wall()) + " " + level_name(level) + " " + line);
    shop_.observer.log_line(about_.scope, level, line);
}

void AttemptContext::progress(std::int64_t done, std::int64_t total, std::string_view text) {
    const Microseconds now = shop_.clock.boot();
    if (now - last_progress_ < kProgressEvery) return;
    last_progress_ = now;
    shop_.observer.progress(about_.scope, done, total, shop_.redactor.redact(text));
}

std::string AttemptContext::random_bytes(std::size_t count) { return shop_.random.bytes(count); }

LogEnd AttemptContext::close(bool failed) {
    end_file_change(failed);
    sessions_.clear();  // rolls back what is open
    redis_sessions_.clear();
    return log_.close();
}

}  // namespace drydock::execute
