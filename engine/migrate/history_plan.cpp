// The plans of history_change.h.

#include <algorithm>
#include <array>

#include "engine/error.h"
#include "engine/migrate/history_change.h"

namespace drydock::migrate {
namespace {

using Is = Standing::Is;
using Kind = HistoryChange::Kind;
using Does = HistoryItem::Does;

constexpr std::array<std::string_view, 4> kNames{"force", "baseline", "adopt", "repair"};

bool is_applied(const Standing& one) {
    return one.is == Is::Applied || one.is == Is::NoFile || one.is == Is::Baseline ||
           one.is == Is::Program;
}

bool names(const Migration& migration, const std::string& version) {
    const auto& parts = migration.version.parts;
    return version == migration.version.text || version == migration.key ||
           (!parts.empty() && without_file(version, version, "").version.parts == parts &&
            version.find_first_not_of("0123456789._") == std::string::npos);
}

class Planner {
  public:
    Planner(const State& state, const Folder& folder, const HistoryChange& change,
            const std::optional<Unfinished>& unfinished)
        : state_(state), folder_(folder), unfinished_(unfinished) {
        plan_.change = change;
        for (const Standing& one : state.standings) {
            const bool repeatable =
                one.migration != nullptr && one.migration->kind == Migration::Kind::Repeatable;
            if (!repeatable) standings_.push_back(&one);
        }
        std::ranges::stable_sort(standings_, [&](const Standing* left, const Standing* right) {
            return comes_after(folder.format, migration_of(*right), migration_of(*left));
        });
    }

    HistoryPlan operator()() {
        switch (plan_.change.kind) {
            case Kind::Force: force(); break;
            case Kind::Baseline: baseline(); break;
            case Kind::Adopt: adopt(); break;
            case Kind::Repair: repair(); break;
        }
        return std::move(plan_);
    }

  private:
    // --- force -----------------------------------------------------------------------------------

    void force() {
        want_reason();
        if (plan_.change.version.empty()) {
            throw Error(ErrorCode::Usage, "force wants a version",
                        "as in a file's name; base: nothing is applied");
        }
        const bool nothing = plan_.change.version == "base";
        const Migration* to = nothing ? nullptr : find(plan_.change.version);
        if (!nothing && to == nullptr) {
            throw Error(ErrorCode::NotFound,
                        "there is no migration " + plan_.change.version + " in " + folder_.path +
                            ", and none is applied",
                        "drydock migrate status shows them; base is none");
        }
        plan_.unfinished = unfinished_;
        take_what_is_above(to);
        for (const Standing* one : standings_) {
            if (to == nullptr || comes_after(folder_.format, migration_of(*one), *to)) continue;
            const bool counts = is_applied(*one) && state_.tool.there && !is_begun(*one);
            if (!counts) add(Does::Apply, *one, apply_reason(*one));
        }
    }

    [[nodiscard]] std::string apply_reason(const Standing& one) const {
        if (is_begun(one)) return "it was begun and did not end";
        if (!state_.tool.there && is_applied(one)) return state_.history + " is gone";
        return one.is == Is::OutOfOrder ? "it was left out" : "it was pending";
    }

    void take_what_is_above(const Migration* to) {
        std::vector<const Standing*> applied;
        std::ranges::copy_if(standings_, std::back_inserter(applied),
                             [](const Standing* one) { return is_applied(*one); });
        const auto above = [&](const Standing& one) {
            return to == nullptr || comes_after(folder_.format, migration_of(one), *to);
        };
        for (const Standing* one : standings_) {
            if (is_begun(*one) && !is_applied(*one) && above(*one))
                add(Does::Unmark, *one, "it was begun and did not end");
        }
        while (!applied.empty() && above(*applied.back())) {
            const Standing& one = *applied.back();
            applied.pop_back();
            add(Does::Take, one, one.is == Is::NoFile ? "it is applied, without a file"
                                                      : "it is applied");
            plan_.items.back().below = applied.empty() ? nullptr : &migration_of(*applied.back());
        }
    }

    [[nodiscard]] bool is_begun(const Standing& one) const {
        return unfinished_ && unfinished_->key == one.key;
    }

    // --- baseline --------------------------------------------------------------------------------

    void baseline() {
        if (unfinished_)
            throw Error(ErrorCode::Refused, summary(*unfinished_), advice(*unfinished_));
        if (const Standing* newest = state_.newest(); newest != nullptr)
            return record_baseline(*newest);
        const Migration* to = find(plan_.change.version);
        if (to == nullptr) to = below_the_first();
        for (const Standing* one : standings_) {
            if (comes_after(folder_.format, migration_of(*one), *to)) continue;
            const bool last = one->key == to->key;
            add(state_.tool.has_baseline_row && !last ? Does::Record : Does::Apply, *one,
                "it is not after the baseline");
        }
        if (plan_.items.empty() || plan_.items.back().migration->key != to->key) {
            plan_.items.push_back({.does = Does::Apply,
                                   .migration = to,
                                   .has_file = false,
                                   .why = "the folder begins after it"});
        }
    }

    // The tool itself says that the database is just there.
    void record_baseline(const Standing& newest) {
        if (!names(migration_of(newest), plan_.change.version)) {
            throw Error(ErrorCode::Refused,
                        "the database has a history: " + state_.history + " says that " +
                            newest.version + " is applied",
                        "drydock migrate force changes it; a baseline of " + newest.version +
                            " would be accepted");
        }
        for (const Standing* one : standings_) {
            const bool recorded = one->record && one->record->action == Record::Action::Baseline;
            if (is_applied(*one) && !recorded)
                add(Does::Record, *one, state_.history + " has it already");
        }
    }

    const Migration* below_the_first() {
        const std::string& version = plan_.change.version;
        const bool digits = !version.empty() &&
                            version.find_first_not_of("0123456789.") == std::string::npos;
        std::string key = version;
        const bool number =
            folder_.format == Format::GolangMigrate || folder_.format == Format::Goose;
        if (number) key.erase(0, std::min(key.find_first_not_of('0'), key.size() - 1));
        Migration one = without_file(key, version, "");
        const bool is_below = digits && folder_.format != Format::SqlMigrate &&
                              !standings_.empty() &&
                              comes_after(folder_.format, migration_of(*standings_.front()), one);
        if (!is_below) {
            throw Error(ErrorCode::NotFound,
                        "there is no migration " + version + " in " + folder_.path,
                        "a version of one of its files, or one below the first of them");
        }
        return &plan_.stand_ins.emplace_back(std::move(one));
    }

    // --- adopt -----------------------------------------------------------------------------------

    void adopt() {
        if (unfinished_)
            throw Error(ErrorCode::Refused, summary(*unfinished_), advice(*unfinished_));
        for (const Standing* one : standings_) {
            if (!is_applied(*one)) {
                add(Does::Nothing, *one, "it is not applied");
            } else if (one->is == Is::NoFile || one->is == Is::Program) {
                add(one->record ? Does::Nothing : Does::Record, *one,
                    one->is == Is::Program ? "it is applied, by a program"
                                           : "it is applied, and there is no file for it");
            } else if (one->record && !one->record->digest.empty()) {
                add(Does::Nothing, *one, "it is recorded already");
            } else if (one->is == Is::Applied) {
                add(Does::Record, *one, "it is applied, with this file");
            }
        }
    }

    // --- repair ----------------------------------------------------------------------------------

    void repair() {
        want_reason();
        if (unfinished_ && unfinished_->untouched) {
            plan_.unfinished = unfinished_;
            plan_.items.push_back({.does = Does::Unmark,
                                   .migration = stand_in(*unfinished_),
                                   .has_file = unfinished_->migration != nullptr,
                                   .why = summary(*unfinished_)});
        } else if (unfinished_) {
            plan_.items.push_back({.does = Does::Nothing,
                                   .migration = stand_in(*unfinished_),
                                   .has_file = unfinished_->migration != nullptr,
                                   .why = summary(*unfinished_) + "; " + advice(*unfinished_)});
        }
        for (const Standing* one : standings_) {
            if (one->is == Is::Applied && one->file_is == Standing::File::Edited)
                add(Does::Accept, *one, edited(*one));
            if (one->is == Is::NoFile) {
                add(Does::Nothing, *one,
                    "it is applied, and there is no file for it: put it back, or take the folder "
                    "of the release that is deployed");
            }
        }
    }

    static std::string edited(const Standing& one) {
        const auto line = first_changed_line(one);
        return "its file was edited after it was applied" +
               (line ? ", from line " + std::to_string(*line) + " on" : std::string());
    }

    const Migration* stand_in(const Unfinished& unfinished) {
        if (unfinished.migration != nullptr) return unfinished.migration;
        return &plan_.stand_ins.emplace_back(
            without_file(unfinished.key, unfinished.version, unfinished.name));
    }

    // --- all -------------------------------------------------------------------------------------

    void want_reason() const {
        const bool blank = plan_.change.reason.find_first_not_of(" \t\n") == std::string::npos;
        if (!blank) return;
        throw Error(ErrorCode::Usage,
                    std::string(change_name(plan_.change.kind)) + " wants a reason",
                    "--reason TEXT: it is kept with the record");
    }

    [[nodiscard]] const Migration* find(const std::string& version) const {
        for (const Standing* one : standings_) {
            if (names(migration_of(*one), version)) return &migration_of(*one);
        }
        return nullptr;
    }

    void add(Does does, const Standing& one, std::string why) {
        plan_.items.push_back({.does = does,
                               .migration = &migration_of(one),
                               .has_file = one.migration != nullptr,
                               .why = std::move(why)});
    }

    const State& state_;
    const Folder& folder_;
    const std::optional<Unfinished>& unfinished_;
    std::vector<const Standing*> standings_;  // in the tool's order, those without a file too
    HistoryPlan plan_;
};

}  // namespace

std::string_view change_name(Kind kind) {
    return kNames.at(static_cast<std::size_t>(kind));
}

Kind change_from_name(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
        throw Error(ErrorCode::Usage,
                    "`" + std::string(name) + "` is no change of the histories",
                    "force, baseline, adopt, or repair");
    }
    return static_cast<Kind>(found - kNames.begin());
}

std::string_view word_for(Does does) {
    constexpr std::array<std::string_view, 6> kWords{"counts as applied", "counts as not applied",
                                                     "is recorded",       "its file is accepted",
                                                     "its mark goes",     "stays"};
    return kWords.at(static_cast<std::size_t>(does));
}

bool HistoryPlan::writes() const {
    return unfinished || std::ranges::any_of(items, [](const HistoryItem& item) {
               return item.does != Does::Nothing;
           });
}

HistoryPlan plan_change(const State& state, const Folder& folder, const HistoryChange& change,
                        const std::optional<Unfinished>& unfinished) {
    return Planner(state, folder, change, unfinished)();
}

Value::Map to_map(const HistoryItem& item) {
    return {{"version", item.migration->version.text},
            {"name", item.migration->name},
            {"does", word_for(item.does)},
            {"file", item.has_file},
            {"why", item.why}};
}

}  // namespace drydock::migrate
