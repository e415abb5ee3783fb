#include "engine/migrate/choose.h"

#include <algorithm>
#include <charconv>

#include "engine/error.h"

namespace drydock::migrate {
namespace {

using Is = Standing::Is;
using Kind = Migration::Kind;

std::string called(const Standing& one) {
    const std::string version = one.version.empty() ? one.key : one.version;
    return one.name.empty() ? version : version + "_" + one.name;
}
std::string called(const Migration& one) {
    return one.version.text.empty() ? one.name : one.version.text + "_" + one.name;
}

bool versioned(const Standing& one) {
    return one.migration != nullptr && one.migration->kind == Kind::Versioned;
}

class Chooser {
  public:
    Chooser(const State& state, const Folder& folder, const ChooseOptions& options)
        : state_(state), folder_(folder), options_(options) {}

    std::vector<Passage> operator()(const Target& target) {
        refuse_unknown_files();
        refuse_edited();
        std::visit([&](const auto& wanted) { to(wanted); }, target);
        return std::move(passages_);
    }

  private:
    void to(const Head&) {
        for (const Standing& one : state_.standings) {
            if (waits(one) || one.is == Is::Changed) up(one);
        }
    }

    void to(const Nothing&) {
        if (const Standing* floor = state_.floor(); floor != nullptr) refuse_below(*floor);
        down(applied().size());
    }

    void to(const Steps& steps) {
        if (steps.count < 0) {
            const auto wanted = static_cast<std::size_t>(-steps.count);
            if (wanted > applied().size()) {
                if (const Standing* floor = state_.floor(); floor != nullptr) refuse_below(*floor);
                throw Error(ErrorCode::NotFound,
                            std::to_string(wanted) + " migrations back are wanted, " +
                                std::to_string(applied().size()) + " are applied",
                            "drydock migrate status shows them");
            }
            return down(wanted);
        }
        std::int64_t left = steps.count;
        for (const Standing& one : state_.standings) {
            if (left == 0) return;
            if (!versioned(one) || !waits(one)) continue;
            up(one);
            --left;
        }
        if (left == 0) return;
        throw Error(ErrorCode::NotFound,
                    std::to_string(steps.count) + " migrations are wanted, " +
                        std::to_string(steps.count - left) + " are pending",
                    "drydock migrate status shows them; `head` is all of them");
    }

    void to(const ToVersion& wanted) {
        const Migration* found = folder_.find(wanted.version);
        if (found == nullptr && is_floor(wanted.version)) return down(applied().size());
        if (found == nullptr || found->kind != Kind::Versioned) {
            throw Error(ErrorCode::NotFound,
                        "there is no migration " + wanted.version + " in " + folder_.path,
                        "drydock migrate status shows them");
        }
        if (state_.is_applied(found->key)) {
            const auto all = applied();
            const auto at = std::ranges::find(all, found->key, &Standing::key);
            return down(static_cast<std::size_t>(all.end() - at) - 1);
        }
        for (const Standing& one : state_.standings) {
            if (versioned(one) && waits(one)) up(one);
            if (one.key == found->key) return;
        }
    }

    [[nodiscard]] bool waits(const Standing& one) const {
        if (one.is == Is::OutOfOrder && !options_.out_of_order) refuse_out_of_order(one);
        return one.is == Is::Pending || one.is == Is::OutOfOrder;
    }

    // Those that can be taken back, from the oldest.
    [[nodiscard]] std::vector<Standing> applied() const {
        std::vector<Standing> all;
        std::ranges::copy_if(state_.standings, std::back_inserter(all), [](const Standing& one) {
            return versioned(one) && one.is == Is::Applied;
        });
        return all;
    }

    void up(const Standing& one) {
        refuse_programs_before(*one.migration);
        passages_.push_back({.way = Passage::Way::Up, .migration = one.migration, .who = {}});
    }

    void down(std::size_t count) {
        const auto all = applied();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = all.size() - 1 - i;
            const bool baseline =
                all[at].record && all[at].record->action == Record::Action::Baseline;
            if (baseline) refuse_below(all[at]);
            refuse_programs_after(*all[at].migration);
            refuse_one_way(*all[at].migration);
            passages_.push_back({.way = Passage::Way::Down,
                                 .migration = all[at].migration,
                                 .below = at == 0 ? floor() : all[at - 1].migration,
                                 .who = {}});
        }
    }

    [[nodiscard]] const Migration* floor() const {
        const Standing* found = state_.floor();
        return found == nullptr ? nullptr : found->stand_in.get();
    }
    [[nodiscard]] bool is_floor(const std::string& version) const {
        const Standing* found = state_.floor();
        if (found == nullptr) return false;
        const auto& parts = floor()->version.parts;
        return version == found->version ||
               (!parts.empty() && without_file(version, version, "").version.parts == parts);
    }

    [[noreturn]] static void refuse_below(const Standing& one) {
        throw Error(ErrorCode::Refused,
                    called(one) + " belongs to the baseline, which counts as applied and was not "
                                  "run: there is no way down past it",
                    "restore a backup from before; or, when it was taken back by hand, "
                    "drydock migrate force says so");
    }

    void refuse_unknown_files() const {
        const auto gone = std::ranges::find(state_.standings, Is::NoFile, &Standing::is);
        if (gone == state_.standings.end()) return;
        throw Error(ErrorCode::Refused,
                    called(*gone) + " is applied (" + state_.history + "), and " + folder_.path +
                        " has no file for it",
                    "the database may be newer than this folder: take the folder of the release "
                    "that is deployed, or put the file back");
    }

    void refuse_edited() const {
        for (const Standing& one : state_.standings) {
            const bool edited =
                one.file_is == Standing::File::Edited && versioned(one) && one.is == Is::Applied;
            if (!edited) continue;
            const auto line = first_changed_line(one);
            const std::string& path = one.migration->up.file->path;
            throw Error(ErrorCode::Refused,
                        (line ? path + ":" + std::to_string(*line) : path) +
                            ": the file was edited after it was applied",
                        "put the old text back, and write a new migration for what has changed; "
                        "when nothing has, drydock migrate repair accepts the file as it is");
        }
    }

    [[noreturn]] void refuse_out_of_order(const Standing& one) const {
        const Standing* newest = state_.newest();
        throw Error(
            ErrorCode::Refused,
            called(one) + " is not applied, and " + called(*newest) + ", which comes after it, is",
            "give it a number after that one; or, when the order does not matter for it, "
            "--out-of-order (in a runbook out_of_order: true) applies it now");
    }

    void refuse_programs_before(const Migration& migration) const {
        for (const CodeMigration* code : programs_left(state_, folder_)) {
            const bool before =
                migration.kind == Kind::Repeatable || code->version.parts < migration.version.parts;
            const auto& keys = state_.tool.applied;
            const bool passed = state_.tool.cumulative && !keys.empty() &&
                                std::stoull(keys.back()) >= code->version.number();
            if (!before || passed) continue;
            throw Error(ErrorCode::Refused,
                        code->path + " is a program and comes before " + called(migration) +
                            ": Drydock runs SQL only",
                        "let its own tool run it, then go on");
        }
    }

    void refuse_programs_after(const Migration& migration) const {
        for (const Standing& one : state_.standings) {
            const bool after = one.is == Is::Program &&
                               comes_after(folder_.format, *one.stand_in, migration);
            if (!after) continue;
            throw Error(ErrorCode::Refused,
                        called(one) + " is applied, was a program, and comes after " +
                            called(migration) + ": Drydock takes SQL back only",
                        "let its own tool take that back first");
        }
    }

    void refuse_one_way(const Migration& migration) const {
        if (migration.reverse == Reverse::Script || migration.reverse == Reverse::Empty) return;
        if (migration.reverse == Reverse::Irreversible) {
            throw Error(
                ErrorCode::Refused,
                called(migration) + " cannot be taken back: " + migration.irreversible_reason,
                "restore a backup from before it, or go forward with a new migration");
        }
        throw Error(ErrorCode::Refused, called(migration) + " has no script that takes it back",
                    "write one, or restore a backup from before it");
    }

    const State& state_;
    const Folder& folder_;
    const ChooseOptions& options_;
    std::vector<Passage> passages_;
};

}  // namespace

Target target_from(std::string_view text) {
    if (text == "head") return Head{};
    if (text == "base") return Nothing{};
    if (text.starts_with('+') || text.starts_with('-')) {
        std::int64_t count = 0;
        const std::string_view digits = text.substr(1);
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), count);
        if (failed == std::errc() && end == digits.data() + digits.size() && count > 0)
            return Steps{text.front() == '-' ? -count : count};
    } else if (!text.empty()) {
        return ToVersion{std::string(text)};
    }
    throw Error(ErrorCode::Usage, "`" + std::string(text) + "` is no place to migrate to",
                "head, base, +N, -N, or a version");
}

std::vector<Passage> choose(const State& state, const Folder& folder, const Target& target,
                            const ChooseOptions& options) {
    return Chooser(state, folder, options)(target);
}

}  // namespace drydock::migrate
