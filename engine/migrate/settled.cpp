#include "engine/migrate/settled.h"

#include "engine/error.h"

namespace drydock::migrate {
namespace {

// How many steps down are left when the one that was begun is taken for the first.
std::int64_t beside(const Unfinished& unfinished, std::int64_t count) {
    if (count < 0 && unfinished.counted && unfinished.untouched &&
        unfinished.way == Passage::Way::Up)
        return count + 1;
    throw Error(ErrorCode::Refused, summary(unfinished) + ": nobody can count from there",
                advice(unfinished));
}

}  // namespace

std::string settled(const State& state, const Folder& folder, const std::string& target,
                    const ChooseOptions& options, const std::optional<Unfinished>& unfinished) {
    const Target wanted = target_from(target);
    const auto* steps = std::get_if<Steps>(&wanted);
    if (steps == nullptr) return target;
    const std::int64_t count = unfinished ? beside(*unfinished, steps->count) : steps->count;
    if (count == 0) {
        const Standing* newest = state.newest();
        return newest == nullptr ? "base" : newest->version;
    }
    const std::vector<Passage> passages = choose(state, folder, Steps{count}, options);
    const Passage& last = passages.back();
    if (last.way == Passage::Way::Up) return last.migration->version.text;
    return last.below == nullptr ? "base" : last.below->version.text;
}

}  // namespace drydock::migrate
