#pragma once

#include <string>
#include <utility>

#include "engine/run/event.h"
#include "engine/run/event_codec.h"
#include "engine/run/run_state.h"

namespace drydock::run {

// Tells a run's story to a RunState, event by event, as the writer would: numbered, chained, and
// through the codec, so that every story also is a round trip.
class RunStory {
  public:
    RunState state;

    explicit RunStory(std::string run = std::string(26, 'r'))
        : run_(std::move(run)), head_(chain_start(run_)) {}

    RunStory& tell(Payload payload, std::string scope = {}, std::int64_t attempt = 0,
                   Value::Map body = {}) {
        Event event;
        event.run = run_;
        event.seq = state.seq() + 1;
        event.prev = head_;
        event.time = 1'000'000 * event.seq;
        event.term = 1;
        event.actor = "engine";
        event.scope = std::move(scope);
        event.attempt = attempt;
        event.payload = std::move(payload);
        event.body = std::move(body);
        last = encode(event, std::string(16, 's'));
        head_ = chain_next(last.line);
        state.apply(decode(last.line, last.salt, last.body), head_);
        return *this;
    }
    RunStory& created() {
        return tell(RunCreated{.runbook = "demo", .api = 1})
            .tell(RunClaimed{.host = "h", .pid = 7});
    }
    RunStory& starts(const std::string& step) {
        return tell(StepStarted{.effect = "read"}, "do/" + step, 1);
    }
    RunStory& succeeds(const std::string& step, Value::Map output = {}) {
        Value::Map body;
        if (!output.empty()) body.emplace("output", std::move(output));
        return tell(StepFinished{}, "do/" + step, 1, std::move(body));
    }
    RunStory& fails(const std::string& step) {
        return tell(StepFinished{.outcome = StepOutcome::Failed}, "do/" + step, 1,
                    {{"error", Value::Map{{"kind", "check"}, {"message", "no"}}}});
    }
    [[nodiscard]] const std::string& head() const { return head_; }

    EncodedEvent last;

  private:
    std::string run_, head_;
};

}  // namespace drydock::run
