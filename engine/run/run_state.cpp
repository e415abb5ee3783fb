#include "engine/run/run_state.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/run/ids.h"

namespace drydock::run {
namespace {

std::string text_in(const Value::Map& body, std::string_view key) {
    const auto found = body.find(key);
    const auto* text = found == body.end() ? nullptr : found->second.find<std::string>();
    return text == nullptr ? std::string() : *text;
}

}  // namespace

void RunState::apply(const Event& event, std::string_view leaf) {
    if (event.seq != seq_ + 1) {
        throw Error(ErrorCode::Integrity, "event " + std::to_string(seq_ + 1) + " of run " +
                                              event.run + " is missing: found " +
                                              std::to_string(event.seq));
    }
    seq_ = event.seq;
    time_ = event.time;
    if (event.scope.empty()) {
        apply_run(event);
    } else {
        apply_scope(event, leaf);
    }
}

void RunState::apply_run(const Event& event) {
    if (const auto* created = std::get_if<RunCreated>(&event.payload)) {
        run_ = event.run;
        created_ = *created;
        created_body_ = event.body;
        created_time_ = event.time;
    } else if (const auto* claimed = std::get_if<RunClaimed>(&event.payload)) {
        last_claim_ = *claimed;
        term_ = event.term;
        // Undo of a run that has ended: it is under way again from here on.
        status_ = RunStatus::Running;
    } else if (const auto* bound = std::get_if<TargetBound>(&event.payload)) {
        bind_target(event, *bound);
    } else if (const auto* cancel = std::get_if<CancelRequested>(&event.payload)) {
        if (!cancel_ || cancel->mode == CancelMode::Now) cancel_ = cancel->mode;
    } else if (const auto* phase = std::get_if<PhaseBegan>(&event.payload)) {
        begin_phase(event, *phase);
    } else if (const auto* suspended = std::get_if<RunSuspended>(&event.payload)) {
        status_ = RunStatus::Suspended;
        suspended_why_ = suspended->why;
        suspended_due_ = suspended->due;
        // An undo that a cancel has stopped goes on when it is taken up again. Were the wish kept,
        // it would stand still for ever.
        if (phase_ == Phase::Undo) cancel_.reset();
    } else if (const auto* ended = std::get_if<RunEnded>(&event.payload)) {
        status_ = ended->outcome;
        exit_ = ended->exit;
        ended_time_ = event.time;
        const auto outputs = event.body.find("outputs");
        if (outputs != event.body.end()) {
            if (const auto* map = outputs->second.find<Value::Map>()) outputs_ = *map;
        }
    }
}

void RunState::begin_phase(const Event& event, const PhaseBegan& payload) {
    phase_ = payload.phase;
    phase_began_ = payload;
    if (payload.phase == Phase::Final) episode_ = payload.episode;
    if (payload.phase != Phase::Undo) return;
    undo_began_ = true;
    cancel_.reset();
    undo_list_.clear();
    const auto scopes = event.body.find("scopes");
    if (scopes == event.body.end()) return;
    if (const auto* list = scopes->second.find<Value::List>()) {
        for (const Value& item : *list) undo_list_.push_back(item.as<std::string>());
    }
}

void RunState::bind_target(const Event& event, const TargetBound& payload) {
    TargetState& target = targets_[text_in(event.body, "connection")];
    target.identity = text_in(event.body, "identity");
    if (payload.replaces) target.has_receipt = false;
}

void RunState::apply_scope(const Event& event, std::string_view leaf) {
    ScopeState& scope = scopes_[event.scope];
    const std::size_t receipts_before = scope.receipts.size();
    scope.apply(event, leaf);
    if (scope.receipts.size() > receipts_before) note_receipts(event.scope, scope);

    if (scope.status == StepStatus::Unknown) {
        unknown_.insert(event.scope);
    } else {
        unknown_.erase(event.scope);
    }
    const bool runs = scope.status == StepStatus::Running && scope.group == nullptr;
    if (runs) {
        running_ = event.scope;
    } else if (running_ == event.scope) {
        running_.clear();
    }
    // The scope that was undone shows it, whether its undo ended or was found done after a crash.
    if (scope.status == StepStatus::Succeeded && event.scope.starts_with("undo/")) {
        const auto undone = scopes_.find("do/" + event.scope.substr(5));
        if (undone != scopes_.end()) undone->second.status = StepStatus::Undone;
    }
}

void RunState::note_receipts(const std::string& scope, const ScopeState& state) {
    const ReceiptRef& last = state.receipts.back();
    const auto target = targets_.find(last.connection);
    if (target == targets_.end()) return;
    target->second.last_scope = scope;
    target->second.last_key = last.key;
    target->second.has_receipt = true;
}

std::string RunState::phase_prefix() const {
    switch (phase_) {
        case Phase::Do: return "do";
        case Phase::Undo: return "undo";
        case Phase::Final: return "fin" + std::to_string(episode_);
    }
    return {};
}

const ScopeState* RunState::find(std::string_view scope) const {
    const auto found = scopes_.find(scope);
    return found == scopes_.end() ? nullptr : &found->second;
}

std::vector<std::string> RunState::started_scopes() const {
    std::vector<std::pair<std::int64_t, std::string>> started;
    for (const auto& [scope, state] : scopes_) {
        if (state.started_seq > 0 && scope.starts_with("do/"))
            started.emplace_back(state.started_seq, scope);
    }
    std::ranges::sort(started, std::greater<>{});
    std::vector<std::string> names;
    names.reserve(started.size());
    for (auto& [seq, scope] : started) names.push_back(std::move(scope));
    return names;
}

}  // namespace drydock::run
