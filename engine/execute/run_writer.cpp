#include "engine/execute/run_writer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/run/event_codec.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

constexpr std::size_t kSaltBytes = 16;

bool same(const journal::RunUpdate& left, const journal::RunUpdate& right) {
    return left.status == right.status && left.why == right.why && left.due == right.due &&
           left.ended == right.ended && left.exit == right.exit;
}

journal::RunUpdate row_of(const run::RunState& state) {
    journal::RunUpdate update{.status = state.status()};
    if (state.status() == run::RunStatus::Suspended) {
        update.why = run::name_of(state.suspended_why());
        update.due = state.suspended_due();
    }
    if (run::is_final(state.status())) {
        update.ended = state.ended_time();
        update.exit = state.exit();
    }
    return update;
}

}  // namespace

RunWriter::RunWriter(Parts parts, ChainHead head) : parts_(parts), head_(std::move(head)) {}

void RunWriter::set_claim(std::unique_ptr<journal::Claim> claim) { claim_ = std::move(claim); }

// While an event is added or committed the object counts as dead, and it stays so when that ends
// with an exception: an event that the state knows and the journal does not would break the chain.
// Want of memory becomes Error{Journal}, which nobody takes for a failure of a step.
template <class Work>
void RunWriter::write(const Work& work) {
    refuse_when_dead();
    dead_ = true;
    try {
        work();
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::Journal, "there is not enough memory to write an event of the run",
                    "drydock resume last goes on from what is durable");
    }
    dead_ = false;
}

void RunWriter::add(run::Payload payload, About about) {
    write([&] { add_event(std::move(payload), std::move(about)); });
}

void RunWriter::add_event(run::Payload payload, About about) {
    run::Event event;
    event.version = run::kEventVersion;
    event.run = head_.run;
    event.seq = parts_.state.seq() + 1;
    event.prev = head_.prev;
    // A clock that is set back must not make the log run backwards.
    event.time = std::max(parts_.clock.wall().micros, parts_.state.time());
    event.term = claim_ ? claim_->term() : 1;
    event.actor = about.actor.empty() ? "engine" : std::move(about.actor);
    event.scope = std::move(about.scope);
    event.attempt = about.attempt;
    event.payload = std::move(payload);
    event.body = std::move(about.body);

    if (salt_pool_.size() < kSaltBytes) salt_pool_ = parts_.random.bytes(64 * kSaltBytes);
    run::EncodedEvent encoded =
        run::encode(event, std::string_view(salt_pool_).substr(salt_pool_.size() - kSaltBytes));
    if (encoded.body) salt_pool_.resize(salt_pool_.size() - kSaltBytes);
    head_.prev = run::chain_next(encoded.line);
    parts_.state.apply(event, head_.prev);
    pending_.push_back(
        {event.seq, std::move(encoded.line), std::move(encoded.salt), std::move(encoded.body)});
    untold_.push_back(std::move(event));
}

void RunWriter::lock(const std::vector<std::string>& names) {
    CHECK(claim_ != nullptr);
    refuse_when_dead();
    journal::Append append;
    append.take_locks = names;
    parts_.journal.append(*claim_, append);
}

void RunWriter::finish_request(std::string id) { done_requests_.push_back(std::move(id)); }

void RunWriter::refuse_when_dead() const {
    if (!dead_) return;
    throw Error(ErrorCode::Journal, "an earlier event of the run could not be written",
                "drydock resume last goes on from what is durable");
}

journal::Append RunWriter::take_append() {
    journal::Append append;
    append.events = std::exchange(pending_, {});
    append.done_requests = std::exchange(done_requests_, {});
    journal::RunUpdate row = row_of(parts_.state);
    // The row is written only when a column of it changes: most boundaries change none.
    if (!written_ || !same(*written_, row)) append.update = row;
    append.free_locks = run::is_final(row.status);
    written_ = std::move(row);
    return append;
}

void RunWriter::commit() {
    CHECK(claim_ != nullptr);
    if (pending_.empty() && done_requests_.empty()) return;
    kill_point("boundary.before_commit");
    write([&] { parts_.journal.append(*claim_, take_append()); });
    kill_point("boundary.after_commit");
    tell_observer();
}

void RunWriter::release() {
    CHECK(pending_.empty() || dead_);
    claim_.reset();
}

journal::Append RunWriter::take_first() { return take_append(); }

void RunWriter::first_is_durable() { tell_observer(); }

void RunWriter::tell_observer() {
    for (const run::Event& event : std::exchange(untold_, {}))
        parts_.observer.committed(event, parts_.state);
}

}  // namespace drydock::execute
