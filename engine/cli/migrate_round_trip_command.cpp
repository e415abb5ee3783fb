// migrate roundtrip: up, down and up again, on a database that is made for it.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/stoppable.h"
#include "engine/cli/text.h"
#include "engine/migrate/beside.h"
#include "engine/migrate/round_trip.h"
#include "engine/rehearse/scratch.h"
#include "engine/rehearse/trial.h"

namespace drydock::cli {
namespace {

using migrate::RoundTripped;

bool is_bad(const RoundTripped& one) {
    return one.is >= RoundTripped::Is::Differs;
}

std::unique_ptr<rehearse::Scratch> scratch_for(Assembly& assembly, const Arguments& arguments) {
    const bool sqlite = !arguments.subjects.empty();
    if (sqlite && arguments.subjects.front() != "sqlite") {
        throw Error(ErrorCode::Usage, "`" + arguments.subjects.front() + "` is no database",
                    "sqlite, or nothing: then it is made on the server of --database");
    }
    if (sqlite) return rehearse::Scratch::file(rehearse::usual_place());
    const DatabaseAddress address = migrations_database(assembly, arguments);
    if (!address.server) return rehearse::Scratch::file(rehearse::usual_place());
    return rehearse::Scratch::on_server(*address.server, "roundtrip", assembly.new_id());
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw_errno(ErrorCode::File, "reading " + path, errno);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Printer {
  public:
    explicit Printer(Output& output) : output_(output) {}

    void operator()(const migrate::RoundTrip& trip) {
        std::map<RoundTripped::Is, std::size_t> counts;
        for (const RoundTripped& one : trip.migrations) {
            ++counts[one.is];
            print(one);
        }
        const std::size_t all = trip.migrations.size();
        std::string summary = std::to_string(all) + (all == 1 ? " migration" : " migrations");
        for (const auto& [is, count] : counts)
            summary += ", " + std::to_string(count) + " " + std::string(name_of(is));
        if (trip.not_reached > 0)
            summary += "; " + std::to_string(trip.not_reached) + " not reached";
        output_.line(summary);
    }

  private:
    void print(const RoundTripped& one) {
        const Style style = is_bad(one)                         ? Style::Red
                            : one.is == RoundTripped::Is::Clean ? Style::Green
                                                                : Style::Yellow;
        output_.line(output_.styled(style, padded(name_of(one.is), 12)) + "  " +
                     fitted(migrate::called(one.version, one.name), output_.width() - 34) + "  " +
                     span(one.up.count()) + " up" +
                     (one.down.count() > 0 ? ", " + span(one.down.count()) + " down" : ""));
        if (!one.reason.empty()) put(one.reason);
        for (const std::string& line : one.left) put("down leaves  " + line);
        for (const std::string& line : one.again) put("second up    " + line);
        if (one.failed.empty()) return;
        const std::string failure = one.failed + ": " + one.error;
        for (const std::string& line : wrapped("  ", failure, output_.width())) output_.line(line);
        if (!one.hint.empty()) put("hint: " + one.hint);
    }
    void put(const std::string& text) { output_.line("  " + fitted(text, output_.width() - 2)); }

    Output& output_;
};

}  // namespace

int migrate_round_trip_command(Assembly& assembly, const Arguments& arguments) {
    Stoppable stoppable(assembly);
    const auto scratch = scratch_for(assembly, arguments);
    const bool server = scratch->settings().has_value();
    const migrate::Folder folder = read_migrations(
        assembly, arguments, server ? sql::Dialect::Postgres : sql::Dialect::Sqlite);
    migrate::RoundTripOptions options{.prerequisites = {}, .who = assembly.actor(), .run = {}};
    if (std::ranges::find(folder.beside, migrate::kPrerequisites) != folder.beside.end())
        options.prerequisites = text_of(folder.path + "/" + std::string(migrate::kPrerequisites));
    migrate::RoundTrip trip;
    {
        const auto database = scratch->open();
        rehearse::Trial trial(*database, system_clock(), stoppable.cancel(), "round trip", {});
        trip = migrate::round_trip(trial.session(), folder, options);
    }
    scratch->drop();
    Output& output = assembly.output();
    if (output.json()) {
        output.json_line(to_value(trip));
    } else {
        Printer printer(output);
        printer(trip);
    }
    return trip.passed() ? 0 : exit_status(ErrorCode::Check);
}

}  // namespace drydock::cli
