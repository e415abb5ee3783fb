#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock.h"
#include "engine/execute/observer.h"
#include "engine/journal/journal.h"
#include "engine/os/random.h"
#include "engine/run/event.h"
#include "engine/run/run_state.h"

namespace drydock::execute {

// Where a run's chain stands.
struct ChainHead {
    std::string run;
    std::string prev;  // of the next line
};

// The owner's pen: the one object that appends to a run. Events are added one by one and take
// effect on the state at once, because the next decision needs them; nothing is done because of
// them before commit() has made them durable. When a commit fails the object is dead: the process
// must stop and whoever claims the run next reads what is durable.
//
//   add(StepFinished) add(StepStarted) commit() ── effects of the step ── add(…) …
class RunWriter final {
  public:
    struct Parts {
        journal::Journal& journal;
        run::RunState& state;
        Clock& clock;
        os::Random& random;
        RunObserver& observer;
    };
    struct About {  // what most events carry
        std::string scope = {};
        std::int64_t attempt = 0;
        Value::Map body = {};
        std::string actor = {};  // empty: "engine"
    };

    RunWriter(Parts parts, ChainHead head);

    // Takes the claim that appends go under. Without one only add() is possible (a run that is
    // made).
    void set_claim(std::unique_ptr<journal::Claim> claim);
    [[nodiscard]] const journal::Claim& claim() const { return *claim_; }

    // Error{Journal}: there is not enough memory; the writer is dead.
    void add(run::Payload payload, About about);
    void add(run::Payload payload) { add(std::move(payload), About{}); }

    // Takes locks for the run, in a commit of its own. Error{Refused}: somebody has one, nothing
    // was taken, and the writer goes on.
    void lock(const std::vector<std::string>& names);
    // Marks a request as answered, with the next commit.
    void finish_request(std::string id);
    [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
    // Makes everything added durable. Error{Journal} when it cannot be: the writer is dead then.
    void commit();
    // Drops the claim: the run is free.
    void release();

    // The first events of a new run, for Journal::create, and the note that they are durable.
    [[nodiscard]] journal::Append take_first();
    void first_is_durable();

  private:
    template <class Work>
    void write(const Work& work);
    void refuse_when_dead() const;
    void add_event(run::Payload payload, About about);
    [[nodiscard]] journal::Append take_append();
    void tell_observer();

    Parts parts_;
    ChainHead head_;
    std::unique_ptr<journal::Claim> claim_;
    std::vector<journal::StoredEvent> pending_;
    std::vector<run::Event> untold_;
    std::vector<std::string> done_requests_;
    std::optional<journal::RunUpdate> written_;  // the row as it stands in the journal
    std::string salt_pool_;
    bool dead_ = false;  // see write()
};

}  // namespace drydock::execute
