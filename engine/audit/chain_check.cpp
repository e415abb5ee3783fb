#include "engine/audit/chain_check.h"

#include <utility>

#include "engine/error.h"
#include "engine/run/event_codec.h"

namespace drydock::audit {

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::Ok: return "ok";
        case Verdict::Truncated: return "truncated";
        case Verdict::Gap: return "gap";
        case Verdict::Altered: return "altered";
    }
    return "ok";
}

ChainCheck::ChainCheck(std::string run) : run_(std::move(run)), head_(run::chain_start(run_)) {}

void ChainCheck::add(const journal::StoredEvent& event, std::int64_t offset) {
    if (!finding_) {
        check(event, offset);
        return;
    }
    if (!suspect_) return;
    // The witness: the event after the two that disagree.
    try {
        const run::Event witness = run::decode(event.line, event.salt, event.body);
        if (witness.prev != head_) finding_ = suspect_;
    } catch (const Error&) {
        // It is damaged itself and says nothing; the earlier of the two places stands.
    }
    suspect_.reset();
}

std::optional<Finding> ChainCheck::finish() const { return finding_; }

void ChainCheck::check(const journal::StoredEvent& stored, std::int64_t offset) {
    if (stored.seq > seq_ + 1) {
        const std::string last = std::to_string(stored.seq - 1);
        const std::string first = std::to_string(seq_ + 1);
        found(Verdict::Gap, seq_ + 1, offset,
              first == last ? "event " + first + " is missing"
                            : "events " + first + " to " + last + " are missing");
        return;
    }
    if (stored.seq <= seq_) {
        found(Verdict::Altered, stored.seq, offset,
              "event " + std::to_string(stored.seq) + " is there twice");
        return;
    }
    run::Event event;
    try {
        event = run::decode(stored.line, stored.salt, stored.body);
    } catch (const Error& error) {
        found(Verdict::Altered, stored.seq, offset, error.message());
        return;
    }
    check_order(event, offset);
    if (finding_ && !suspect_) return;
    if (event.body_erased) ++erased_;
    head_ = run::chain_next(stored.line);
    seq_ = stored.seq;
    offset_ = offset;
    time_ = event.time;
    term_ = event.term;
    kind_ = run::kind_of(event);
}

void ChainCheck::check_order(const run::Event& event, std::int64_t offset) {
    const std::int64_t seq = seq_ + 1;
    if (event.run != run_)
        return found(Verdict::Altered, seq, offset, "its line belongs to run " + event.run);
    if (event.seq != seq)
        return found(Verdict::Altered, seq, offset,
                     "its line says that it is event " + std::to_string(event.seq));
    if (event.prev != head_) {
        if (seq == 1)
            return found(Verdict::Altered, seq, offset, "it does not begin the chain of its run");
        found(Verdict::Altered, seq_, offset_,
              "event " + std::to_string(seq) + " names another event before it");
        suspect_ =
            Finding{Verdict::Altered, run_, seq, offset, "it does not name the event before it"};
        return;
    }
    if (event.time < time_)
        return found(Verdict::Altered, seq, offset, "it is older than the event before it");
    if (event.term < term_)
        return found(Verdict::Altered, seq, offset,
                     "its term is lower than that of the event before it");
}

void ChainCheck::found(Verdict verdict, std::int64_t seq, std::int64_t offset, std::string what) {
    finding_ = Finding{verdict, run_, seq, offset, std::move(what)};
}

}  // namespace drydock::audit
