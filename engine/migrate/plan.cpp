#include "engine/migrate/plan.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/migrate/deed_words.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/review.h"

namespace drydock::migrate {
namespace {

constexpr std::size_t kShortestDigest = 8;

const Script& script_of(const Passage& passage) {
    return passage.way == Passage::Way::Up ? passage.migration->up : *passage.migration->down;
}

// What costs something, and is no finding of lint, for there is no better way.
Cost cost_of(const Deed& deed, sql::Dialect dialect) {
    using Kind = Action::Kind;
    const auto does = [&](Kind kind) {
        return std::ranges::find(deed.actions, kind, &Action::kind) != deed.actions.end();
    };
    if (deed.kind == Deed::Kind::CreateIndex && !deed.only) return Cost::Scan;
    if (deed.kind == Deed::Kind::Reindex) return Cost::Scan;
    if (deed.kind == Deed::Kind::Refresh) return Cost::Rewrite;
    if (dialect == sql::Dialect::Postgres)
        return does(Kind::ValidateConstraint) ? Cost::Scan : Cost::None;
    return deed.kind == Deed::Kind::Vacuum || does(Kind::DropColumn) ? Cost::Rewrite : Cost::None;
}

class Planner {
  public:
    Planner(const Folder& folder, const std::vector<Passage>& passages, sql::Dialect dialect,
            const Surroundings& surroundings)
        : passages_(passages),
          dialect_(dialect),
          surroundings_(surroundings),
          options_{.dialect = dialect,
                   .server_version = surroundings.server_version,
                   .from = {},
                   .sizes = {}},
          review_(folder, options_) {
        // What was applied before is known by its files: the types of columns, for one.
        for (const Migration& one : folder.migrations) {
            if (!goes_up(one)) pass(review_, scene_of(one, one.up, false));
        }
        review_.begin_plan();
    }

    Plan operator()() {
        Plan plan;
        for (const Passage& passage : passages_) plan.migrations.push_back(of(passage));
        plan.digest = plan_digest(passages_);
        return plan;
    }

  private:
    [[nodiscard]] bool goes_up(const Migration& one) const {
        return std::ranges::any_of(passages_, [&](const Passage& passage) {
            return passage.migration == &one && passage.way == Passage::Way::Up;
        });
    }

    PlannedMigration of(const Passage& passage) {
        const Script& script = script_of(passage);
        const Scene scene =
            scene_of(*passage.migration, script, passage.way == Passage::Way::Down);
        review_.look_at(scene);
        std::vector<PlannedStatement> statements;
        for (std::size_t i = 0; i < scene.deeds.size(); ++i) {
            review_.look_at(i);
            statements.push_back(of(script.statements[i], scene.deeds[i]));
            review_.remember();
        }
        PlannedMigration planned{.way = passage.way,
                                 .migration = passage.migration,
                                 .file = script.file->path,
                                 .pieces = {}};
        for (const Piece& piece : pieces_of(script, dialect_)) {
            PlannedPiece& made = planned.pieces.emplace_back();
            made.alone = piece.alone;
            for (const std::size_t index : piece.statements)
                made.statements.push_back(std::move(statements[index]));
        }
        return planned;
    }

    // Before it is remembered: what it makes itself is not there yet.
    [[nodiscard]] PlannedStatement of(const Statement& statement, const Deed& deed) {
        PlannedStatement planned{.place = statement.place,
                                 .does = words_of(deed, statement.tokens),
                                 .locks = {},
                                 .of = {}};
        if (dialect_ == sql::Dialect::Postgres) planned.locks = locks(deed, statement.tokens);
        const std::string table = table_of(deed);
        const Cost found = std::max(cost_now(review_), cost_of(deed, dialect_));
        if (found == Cost::None || review_.is_new(table)) return planned;
        planned.cost = found;
        planned.of = table;
        return planned;
    }

    [[nodiscard]] std::string table_of_index(const std::string& index) const {
        const auto made = review_.made().indexes.find(index);
        if (made != review_.made().indexes.end()) return made->second;
        const auto there = surroundings_.tables_of_indexes.find(index);
        return there == surroundings_.tables_of_indexes.end() ? std::string() : there->second;
    }

    [[nodiscard]] std::string table_of(const Deed& deed) const {
        if (!deed.table.empty()) return deed.table;
        if (deed.kind == Deed::Kind::Reindex && deed.object == "index")
            return table_of_index(deed.name);
        return deed.name;
    }

    [[nodiscard]] std::vector<TableLock> locks(const Deed& deed, Tokens tokens) const {
        std::vector<TableLock> all = locks_of(deed, tokens);
        for (TableLock& one : all) {
            if (one.table.empty()) one.table = table_of_index(one.index);
        }
        add_other_ends(deed, all);
        std::erase_if(all, [&](const TableLock& one) {
            return !one.table.empty() && review_.is_new(one.table);
        });
        return all;
    }

    // The other ends of foreign keys that go, too.
    void add_other_ends(const Deed& deed, std::vector<TableLock>& all) const {
        const bool drops = deed.kind == Deed::Kind::Drop && deed.object == "table";
        const bool empties = deed.kind == Deed::Kind::Truncate;
        const auto named = [&](const std::string& table) {
            return std::ranges::find(deed.names, table) != deed.names.end();
        };
        for (const Surroundings::ForeignKey& key : surroundings_.foreign_keys) {
            const bool goes = (drops && named(key.table)) || takes_away(deed, key);
            if (goes) add(key.references, all);
            if (deed.cascade && (drops || empties) && named(key.references)) add(key.table, all);
        }
    }
    static bool takes_away(const Deed& deed, const Surroundings::ForeignKey& key) {
        if (deed.table != key.table) return false;
        return std::ranges::any_of(deed.actions, [&](const Action& action) {
            return (action.kind == Action::Kind::DropConstraint && action.name == key.name) ||
                   (action.kind == Action::Kind::DropColumn && key.columns.contains(action.name));
        });
    }
    static void add(const std::string& table, std::vector<TableLock>& all) {
        const auto known = std::ranges::find(all, table, &TableLock::table);
        if (known == all.end())
            all.push_back({.mode = LockMode::AccessExclusive, .table = table, .index = {}});
        else
            known->mode = LockMode::AccessExclusive;
    }

    const std::vector<Passage>& passages_;
    sql::Dialect dialect_;
    const Surroundings& surroundings_;
    LintOptions options_;
    Review review_;
};

std::string line_of(bool up, const std::string& key, const std::string& file) {
    return std::string(up ? "up " : "down ") + file + " " + key + "\n";
}

// Of the file that is run; empty: there is none any more.
std::string digest_in(const Folder& folder, const std::string& key, bool up) {
    const auto found = std::ranges::find(folder.migrations, key, &Migration::key);
    if (found == folder.migrations.end() || (!up && !found->down)) return {};
    return crypto::to_hex((up ? found->up : *found->down).file->digest);
}

std::string lines_of(const std::vector<Passage>& passages) {
    std::string all;
    for (const Passage& one : passages) {
        all += line_of(one.way == Passage::Way::Up, one.migration->key,
                       crypto::to_hex(script_of(one).file->digest));
    }
    return all;
}

void refuse_what_was_begun(const State& state, const AgreedPlan& agreed) {
    if (!state.unfinished || state.unfinished->run == agreed.run) return;
    throw Error(ErrorCode::Refused,
                state.unfinished->version + "_" + state.unfinished->name +
                    " was begun and did not end: it is in no plan",
                "go on with it without a plan, then plan what comes after it");
}

void refuse_other_plan(const State& state, const Folder& folder,
                       const std::vector<Passage>& passages, const AgreedPlan& agreed) {
    const std::string& wanted = agreed.digest;
    std::string all;
    for (const Record& record : state.records) {
        const bool up = record.action == Record::Action::Up;
        const bool ours = record.id > agreed.since && record.run == agreed.run;
        if (ours && (up || record.action == Record::Action::Down))
            all += line_of(up, record.key, digest_in(folder, record.key, up));
    }
    const std::string now = crypto::to_hex(crypto::sha256(all + lines_of(passages)));
    if (now.starts_with(wanted)) return;
    throw Error(ErrorCode::Refused,
                "what would be run is not the plan " + wanted.substr(0, kShortestDigest) +
                    " that was agreed on, but " + now.substr(0, kShortestDigest),
                "drydock migrate plan shows it: files or the database have changed since");
}

}  // namespace

Plan plan_of(const Folder& folder, const std::vector<Passage>& passages, sql::Dialect dialect,
             const Surroundings& surroundings) {
    return Planner(folder, passages, dialect, surroundings)();
}

std::string plan_digest(const std::vector<Passage>& passages) {
    return crypto::to_hex(crypto::sha256(lines_of(passages)));
}

void require_plan(ApplyOptions& options, const Folder& folder, const AgreedPlan& agreed) {
    const std::string& wanted = agreed.digest;
    const bool is_digest = wanted.size() >= kShortestDigest && wanted.size() <= 64 &&
                           wanted.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_digest) {
        throw Error(ErrorCode::Usage, "`" + wanted + "` is no digest of a plan",
                    "drydock migrate plan shows it; 8 digits of it or more");
    }
    options.found = [agreed](const State& state) { refuse_what_was_begun(state, agreed); };
    options.chosen = [agreed, &folder](const State& state, std::vector<Passage>& passages) {
        refuse_other_plan(state, folder, passages, agreed);
    };
}

}  // namespace drydock::migrate
