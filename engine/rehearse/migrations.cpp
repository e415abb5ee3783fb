#include "engine/rehearse/migrations.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "engine/schema/difference.h"

namespace drydock::rehearse {
namespace {

using migrate::Passage;

std::set<std::string> histories(sql::Database& database, const migrate::Folder& folder,
                                const migrate::ToolSettings& tool) {
    std::string table = migrate::tool_history(database, folder, tool)->table();
    for (const std::string_view schema : {"public.", "main."}) {
        if (table.starts_with(schema)) table.erase(0, schema.size());
    }
    return {"table " + table, "schema drydock"};
}

class Rehearsal {
  public:
    Rehearsal(sql::Database& copy, const migrate::Folder& folder, const RehearsalOptions& options,
              Clock& clock, CancelToken& cancel, const Trial::Told& told)
        : copy_(copy),
          folder_(folder),
          without_(histories(copy, folder, options.tool)),
          trial_(copy, clock, cancel, "rehearsal", told) {
        how_.tool = options.tool;
        how_.choose = options.choose;
        how_.who = options.who;
        // One at a time, so that those before a failure are told with their times.
        how_.chosen = [this](const migrate::State& state, std::vector<Passage>& passages) {
            if (!settled_) settle(state, passages);
            settled_ = true;
            if (passages.size() > 1) passages.resize(1);
        };
    }

    MigrationRehearsal operator()(const migrate::Target& target) {
        MigrationRehearsal seen;
        seen.before = moment();
        if (!go(target, seen.there, "there", seen)) return seen;
        seen.after = moment();
        if (seen.there.done.empty()) {
            seen.returned = seen.before;
            return seen;
        }
        seen.no_way_back = no_way_back_;
        if (!no_way_back_.empty() || !go(back_, seen.back, "back", seen)) return seen;
        seen.returned = moment();
        return seen;
    }

  private:
    [[nodiscard]] Moment moment() {
        schema::Rows rows = counted_rows(copy_);
        std::erase_if(rows, [&](const auto& one) {
            return without_.contains("table " + one.first) || one.first.starts_with("drydock");
        });
        return {.catalog = schema::look_at(copy_, without_), .rows = std::move(rows)};
    }

    // Where the chosen way leads, where it begins, and whether it can be gone back.
    void settle(const migrate::State& state, const std::vector<Passage>& passages) {
        if (!passages.empty()) {
            const Passage& last = passages.back();
            const migrate::Migration* at =
                last.way == Passage::Way::Up ? last.migration : last.below;
            end_ = at == nullptr ? migrate::Target(migrate::Nothing{})
                                 : migrate::Target(migrate::ToVersion{at->version.text});
        }
        const migrate::Standing* newest = state.newest();
        back_ = newest == nullptr ? migrate::Target(migrate::Nothing{})
                                  : migrate::Target(migrate::ToVersion{newest->version});
        for (const Passage& one : passages) {
            const migrate::Migration& migration = *one.migration;
            const bool repeatable = migration.kind == migrate::Migration::Kind::Repeatable;
            const bool missing = migration.reverse == migrate::Reverse::Missing ||
                                 migration.reverse == migrate::Reverse::Irreversible;
            if (one.way == Passage::Way::Down || repeatable || !missing) continue;
            no_way_back_ = migrate::called(migration.version.text, migration.name) +
                           (migration.irreversible_reason.empty()
                                ? " has no script that takes it back"
                                : " cannot be taken back: " + migration.irreversible_reason);
            return;
        }
    }

    bool go(migrate::Target target, migrate::Applied& applied, const std::string& what,
            MigrationRehearsal& seen) {
        try {
            for (bool first = true;; first = false) {
                migrate::Applied one = migrate::apply(trial_.session(), folder_, target, how_);
                if (first) applied.from = one.from;
                applied.to = one.to;
                if (one.done.empty()) return true;
                std::ranges::move(one.done, std::back_inserter(applied.done));
                // So many steps are no place to go on to.
                if (std::holds_alternative<migrate::Steps>(target)) target = end_;
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Sql && error.code() != ErrorCode::Refused) throw;
            seen.failed = what;
            seen.error = error.message();
            seen.hint = error.hint();
            return false;
        }
    }

    sql::Database& copy_;
    const migrate::Folder& folder_;
    std::set<std::string> without_;
    migrate::ApplyOptions how_;
    Trial trial_;
    migrate::Target end_, back_;
    bool settled_ = false;
    std::string no_way_back_;
};

}  // namespace

bool MigrationRehearsal::passed() const {
    if (!failed.empty()) return false;
    return !no_way_back.empty() ||
           schema::difference(before.catalog, returned.catalog).how() !=
               schema::Difference::Class::Differs;
}

MigrationRehearsal rehearse_migrations(sql::Database& copy, const migrate::Folder& folder,
                                       const migrate::Target& target,
                                       const RehearsalOptions& options, Clock& clock,
                                       CancelToken& cancel, const Trial::Told& told) {
    return Rehearsal(copy, folder, options, clock, cancel, told)(target);
}

schema::Rows counted_rows(sql::Database& database) {
    schema::Rows rows = schema::rows_in(database);
    if (database.dialect() == sql::Dialect::Sqlite) return rows;
    // Those of a server are estimates.
    for (auto& [table, count] : rows) {
        database.run("select count(*) from " + table, {}, sql::Access::Read,
                     [&found = count](const sql::Row& row) {
                         found = row.value(0).as<std::int64_t>();
                         return true;
                     });
    }
    return rows;
}

}  // namespace drydock::rehearse
