#include "engine/journal/load.h"

#include <utility>

#include "engine/error.h"
#include "engine/run/event_codec.h"

namespace drydock::journal {
namespace {

// So many at a time: memory stays small, and no read transaction lasts long.
constexpr std::size_t kPage = 1'000;

}  // namespace

LoadedRun load(JournalReader& journal, std::int64_t n, const EventVisitor& visit) {
    LoadedRun loaded;
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
            loaded.state.apply(event, loaded.head);
            if (visit) visit(event, stored, loaded.state);
        }
        if (page.size() < kPage) break;
    }
    if (loaded.state.seq() == 0)
        throw Error(ErrorCode::Integrity, "run number " + std::to_string(n) + " has no events");
    return loaded;
}

}  // namespace drydock::journal
