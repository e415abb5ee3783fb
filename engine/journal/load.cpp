#include "engine/journal/load.h"

#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/journal/ledger.h"
#include "engine/run/event_codec.h"
#include "engine/seam.h"

namespace drydock::journal {
namespace {

// So many at a time: memory stays small, and no read transaction lasts long.
constexpr std::size_t kPage = 1'000;

// What the ledger says of a run: how far it had come when it was sealed last.
class SealCheck {
  public:
    SealCheck(JournalReader& journal, std::int64_t n) {
        if (const auto line = journal.last_seal(n)) seal_ = decode_ledger(line->line);
        wanted_ = journal.tip().has_value();
    }
    void add(const StoredEvent& event) {
        if (!seal_ || event.seq != seal_->seq) return;
        met_ = true;
        if (crypto::to_base64(crypto::sha256(event.line)) != seal_->leaf)
            refuse("altered: event " + std::to_string(event.seq) + " of run " + seal_->run +
                   " is not the one that was sealed");
    }
    void finish(const run::RunState& state) const {
        if (!protected_by(Protection::LedgerSeal)) return;
        if (seal_ && !met_)
            refuse("truncated: run " + seal_->run + " ends at event " +
                   std::to_string(state.seq()) + ", it was sealed at event " +
                   std::to_string(seal_->seq));
        if (!seal_ && wanted_)
            refuse("truncated: the ledger has no seal of run " + state.run());
    }

  private:
    [[noreturn]] static void refuse(const std::string& what) {
        throw Error(ErrorCode::Integrity, what,
                    "drydock audit verify names the first bad place; nothing was started");
    }

    std::optional<LedgerEntry> seal_;
    bool wanted_ = false;
    bool met_ = false;
};

}  // namespace

LoadedRun load(JournalReader& journal, std::int64_t n, const EventVisitor& visit) {
    LoadedRun loaded;
    SealCheck seal(journal, n);
    for (;;) {
        const std::vector<StoredEvent> page = journal.events(n, loaded.state.seq(), kPage);
        for (const StoredEvent& stored : page) {
            const run::Event event = run::decode(stored.line, stored.salt, stored.body);
            if (loaded.head.empty()) loaded.head = run::chain_start(event.run);
            const std::string place =
                "event " + std::to_string(stored.seq) + " of run " + event.run;
            if (event.seq != stored.seq)
                throw Error(ErrorCode::Integrity,
                            place + " was altered: its line says " + std::to_string(event.seq));
            if (event.prev != loaded.head) {
                throw Error(ErrorCode::Integrity,
                            "altered: " + place + " does not follow the event before it",
                            "drydock audit verify names the first bad place; do not go on with "
                            "this journal");
            }
            loaded.head = run::chain_next(stored.line);
            seal.add(stored);
            loaded.state.apply(event, loaded.head);
            loaded.erased = loaded.erased || event.body_erased;
            if (visit) visit(event, stored, loaded.state);
        }
        if (page.size() < kPage) break;
    }
    if (loaded.state.seq() == 0)
        throw Error(ErrorCode::Integrity, "run number " + std::to_string(n) + " has no events");
    seal.finish(loaded.state);
    return loaded;
}

}  // namespace drydock::journal
