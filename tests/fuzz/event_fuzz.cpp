// Any text as an event's line, with any body: what is read is written and read as the same, and
// folded or refused.

#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/run/event_codec.h"
#include "engine/run/run_state.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

void check_round_trip(run::Event event) {
    const std::string salt(16, 's');
    const run::EncodedEvent written = run::encode(event, salt);
    const run::Event again = run::decode(written.line, written.salt, written.body);
    MUST(run::kind_of(again) == run::kind_of(event) && again.seq == event.seq);
    MUST(again.body == event.body);
    run::Event twice = again;
    MUST(run::encode(twice, salt).line == written.line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // "line\nbody": the line is read without its body, and then given that one.
    const std::string_view text = fuzz::text_of(bytes, size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    try {
        run::Event event = run::decode(text.substr(0, end), "", std::nullopt);
        if (end < text.size()) {
            const Value body = json::parse_typed(text.substr(end + 1));
            if (const auto* map = body.find<Value::Map>()) event.body = *map;
        }
        check_round_trip(event);
        run::RunState state;
        state.apply(event, run::chain_next(text.substr(0, end)));
    } catch (const Error& error) {
        MUST(!error.message().empty());
    }
    return 0;
}
