// The style that a machine can hold: who may include whom, where vendor headers stand, how long
// things are, what a file may be called. Reads the sources as text; knows nothing else of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string, std::less<>>;

constexpr std::size_t kLongestFile = 500;
constexpr std::size_t kLongestFunction = 70;
constexpr std::size_t kWidestLine = 100;

// Includes go downhill only. Every room may include the vocabulary; itself goes without saying.
// docs/decisions/0004 has the reasons for what looks like an exception.
const std::map<std::string, Names, std::less<>> kMayInclude{
    {"vocabulary", {}},
    {"os", {}},
    {"crypto", {}},
    {"sqlite", {}},
    {"postgres", {"os", "json"}},
    {"fetch", {}},
    {"redis", {"crypto", "os"}},
    {"migrations", {}},
    {"shipped", {}},
    {"json", {"crypto"}},
    {"run", {"crypto", "json"}},
    {"runbook", {"crypto", "json"}},
    {"files", {"os", "crypto"}},
    {"sql", {"sqlite", "postgres", "os", "json"}},
    {"config", {"runbook", "crypto", "json", "os"}},
    {"journal", {"run", "crypto", "json", "sqlite", "os", "migrations"}},
    {"plan", {"runbook", "run"}},
    {"inspect", {"sql", "sqlite", "os"}},
    {"schema", {"sql", "crypto", "json"}},
    {"rehearse",
     {"backup", "execute", "files", "inspect", "journal", "migrate", "os", "plan", "run", "runbook",
      "schema", "sql", "sqlite"}},
    {"backup", {"sql", "sqlite", "os", "crypto", "files", "json"}},
    {"migrate", {"sql", "os", "crypto", "json", "runbook", "schema"}},
    {"execute",
     {"plan", "runbook", "run", "sql", "redis", "fetch", "files", "os", "config", "crypto", "json",
      "journal"}},
    {"bindings",
     {"execute", "runbook", "schema", "sql", "redis", "backup", "crypto", "fetch", "json",
      "files", "migrate"}},
    {"audit", {"run", "crypto", "json", "journal", "os"}},
    {"handbook", {"cases", "runbook", "config", "json"}},
    {"cases",
     {"crypto", "execute", "fetch", "files", "journal", "json", "os", "plan", "postgres",
      "redis", "run", "runbook", "sql", "sqlite"}},
    {"report", {"json"}},
    {"cli",
     {"audit", "bindings", "cases", "config", "execute", "files", "handbook", "inspect", "journal",
      "json", "migrate", "os", "plan", "rehearse", "report", "run", "runbook", "schema", "shipped",
      "sql"}},
    {"main", {"cli", "os"}},
};

// What a room with a driver shows to the rooms above it; all else is the driver's own business.
struct Door {
    std::string_view room;
    std::string_view from;  // the rooms that must use it, separated by blanks
    Names headers;
};
const std::array kDoors{
    Door{"journal",
         "execute audit cases rehearse cli",
         {"health.h", "journal.h", "ledger.h", "load.h", "open.h", "wording.h"}},
    Door{"execute", "bindings", {"step_runner.h", "step_context.h", "names.h"}},
};

struct Vendor {
    std::string_view header;  // how its name begins; a folder's ends with a slash
    Names places;             // rooms, and test folders as tests/…
};
const std::array kVendors{
    Vendor{"sqlite3.h", {"sqlite", "tests"}},
    Vendor{"libpq-fe.h", {"postgres", "tests/bench"}},
    Vendor{"curl/", {"fetch"}},
    Vendor{"hiredis/", {"redis"}},
    Vendor{"lua.hpp", {"bindings", "tests/bindings"}},
    Vendor{"yaml-cpp/", {"runbook", "config"}},
    Vendor{"openssl/", {"crypto"}},
    Vendor{"nlohmann/", {"json"}},
    Vendor{"CLI/", {"cli"}},
    Vendor{"spdlog/", {}},
    Vendor{"zlib.h", {"files", "tests/files"}},
    Vendor{"zstd.h", {"files", "tests/files"}},
};

struct Source {
    std::string path;  // from the project's folder
    std::vector<std::string> lines;

    [[nodiscard]] bool is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".h"); }
};

fs::path project() { return DRYDOCK_SOURCE; }

Source read_source(const fs::path& path) {
    Source source{.path = fs::relative(path, project()).string(), .lines = {}};
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) source.lines.push_back(std::move(line));
    return source;
}

const std::vector<Source>& sources() {
    static const std::vector<Source> kAll = [] {
        std::vector<Source> all;
        for (const char* folder : {"engine", "bindings", "migrations", "runbooks", "tests"}) {
            for (const auto& entry : fs::recursive_directory_iterator(project() / folder)) {
                const std::string extension = entry.path().extension();
                if (!entry.is_regular_file()) continue;
                // As users wrote them; only we keep to our style.
                if (entry.path().parent_path().filename() == "drafts") continue;
                if (extension != ".h" && extension != ".cpp" && extension != ".lua") continue;
                all.push_back(read_source(entry.path()));
            }
        }
        std::ranges::sort(all, {}, &Source::path);
        return all;
    }();
    return kAll;
}

bool in_tests(const Source& source) { return source.path.starts_with("tests/"); }

// The room of a file, or of what an include names: "engine/run/event.h" → "run".
std::string room_of(std::string_view path) {
    if (path == "engine/main.cpp") return "main";
    if (path.starts_with("migrations/")) return "migrations";
    if (path.starts_with("runbooks/")) return "shipped";
    if (path.starts_with("bindings/")) return "bindings";
    if (path.starts_with("tests/")) return std::string(path.substr(0, path.find('/', 6)));
    if (!path.starts_with("engine/")) return {};
    path.remove_prefix(7);
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? "vocabulary" : std::string(path.substr(0, slash));
}

// What stands between the quotes, or the angles, of an include; empty for any other line.
std::string included(std::string_view line, char open, char close) {
    constexpr std::string_view kInclude = "#include ";
    if (!line.starts_with(kInclude) || line.size() < kInclude.size() + 2) return {};
    line.remove_prefix(kInclude.size());
    if (line.front() != open) return {};
    return std::string(line.substr(1, line.find(close, 1) - 1));
}

std::size_t characters(std::string_view line) {
    return static_cast<std::size_t>(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Which lines are the inside of a raw string: there stands what users write, as they write it.
std::vector<bool> inside_raw_strings(const Source& source) {
    std::vector<bool> inside;
    std::string end;
    for (const std::string& line : source.lines) {
        inside.push_back(!end.empty());
        std::size_t at = 0;
        for (;;) {
            if (end.empty()) {
                at = line.find("R\"", at);
                const std::size_t open = at == std::string::npos ? at : line.find('(', at);
                if (open == std::string::npos) break;
                end = ")" + line.substr(at + 2, open - at - 2) + "\"";
                at = open + 1;
            }
            at = line.find(end, at);
            if (at == std::string::npos) break;
            at += end.size();
            end.clear();
        }
    }
    return inside;
}

std::string place(const Source& source, std::size_t index) {
    return source.path + ":" + std::to_string(index + 1) + ": ";
}

// A test fails once, with every place.
void expect_none(const std::vector<std::string>& found) {
    std::ostringstream text;
    for (const std::string& one : found) text << one << "\n";
    EXPECT_TRUE(found.empty()) << text.str();
}

// --- Rooms -------------------------------------------------------------------------------------

TEST(Tidy, ARoomIncludesOnlyWhatLiesBelowIt) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        if (in_tests(source) || !source.is_cpp()) continue;
        const std::string room = room_of(source.path);
        const auto allowed = kMayInclude.find(room);
        ASSERT_NE(allowed, kMayInclude.end()) << source.path << ": no room of the table";
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const std::string target = room_of(included(source.lines[i], '"', '"'));
            if (target.empty() || target == room || target == "vocabulary") continue;
            if (allowed->second.contains(target)) continue;
            found.push_back(place(source, i) + room + " may not include " + target);
        }
    }
    expect_none(found);
}

TEST(Tidy, TheTableOfRoomsHasNoCircle) {
    std::map<std::string, Names, std::less<>> left = kMayInclude;
    while (!left.empty()) {
        const auto leaf =
            std::ranges::find_if(left, [](const auto& room) { return room.second.empty(); });
        ASSERT_NE(leaf, left.end()) << "a circle through " << left.begin()->first;
        const std::string name = leaf->first;
        left.erase(leaf);
        for (auto& [room, uses] : left) uses.erase(name);
    }
}

TEST(Tidy, ADriverIsNamedOnlyInItsRoomAndInTests) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        const std::string room = room_of(source.path);
        if (in_tests(source) || !source.is_cpp()) continue;
        for (const Door& door : kDoors) {
            const std::string from = " " + std::string(door.from) + " ";
            if (from.find(" " + room + " ") == std::string::npos) continue;
            for (std::size_t i = 0; i < source.lines.size(); ++i) {
                const fs::path target = included(source.lines[i], '"', '"');
                if (room_of(target.string()) != door.room) continue;
                if (door.headers.contains(target.filename().string())) continue;
                found.push_back(place(source, i) + room + " may not include " + target.string());
            }
        }
    }
    expect_none(found);
}

TEST(Tidy, AVendorHeaderStandsOnlyInItsRoom) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        const std::string room = room_of(source.path);
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const std::string header = included(source.lines[i], '<', '>');
            if (header.empty()) continue;
            for (const Vendor& vendor : kVendors) {
                if (!header.starts_with(vendor.header)) continue;
                if (vendor.places.contains(room)) continue;
                if (in_tests(source) && vendor.places.contains("tests")) continue;
                found.push_back(place(source, i) + room + " may not include <" + header + ">");
            }
        }
    }
    expect_none(found);
}

TEST(Tidy, TopLevelFoldersAreTheOnesThatWereAgreed) {
    const Names expected{"bindings",   "docs",     "engine", "examples",
                         "migrations", "runbooks", "tests"};
    Names found;
    for (const auto& entry : fs::directory_iterator(project())) {
        const std::string name = entry.path().filename();
        const bool made = name.starts_with(".") || name == "build" || name.starts_with("build-");
        if (entry.is_directory() && !made) found.insert(name);
    }
    EXPECT_EQ(found, expected);
}

// --- Sizes -------------------------------------------------------------------------------------

TEST(Tidy, AFileHasAtMost500Lines) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        if (source.lines.size() <= kLongestFile) continue;
        found.push_back(source.path + ": " + std::to_string(source.lines.size()) + " lines");
    }
    expect_none(found);
}

TEST(Tidy, ALineHasAtMost100Columns) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        const std::vector<bool> raw = inside_raw_strings(source);
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const std::size_t width = characters(source.lines[i]);
            if (width <= kWidestLine || raw[i]) continue;
            found.push_back(place(source, i) + std::to_string(width) + " columns");
        }
    }
    expect_none(found);
}

// A function is what opens and closes with braces at one indentation, its head ending in ") {",
// whatever stands between; a class or namespace is none.
struct Open {
    std::size_t indent = 0;
    std::size_t line = 0;
};

bool opens_function(std::string_view line) {
    if (!line.ends_with("{") || line.find('(') == std::string_view::npos) return false;
    const std::size_t first = line.find_first_not_of(' ');
    const std::string_view text = line.substr(first);
    for (const std::string_view word : {"namespace", "class ", "struct ", "enum ", "} "}) {
        if (text.starts_with(word)) return false;
    }
    return true;
}

TEST(Tidy, AFunctionHasAtMost70Lines) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        if (!source.is_cpp()) continue;
        const std::vector<bool> raw = inside_raw_strings(source);
        std::vector<Open> open;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const std::string& line = source.lines[i];
            if (raw[i] || line.empty()) continue;
            const std::size_t indent = line.find_first_not_of(' ');
            if (line[indent] == '}') {
                while (!open.empty() && open.back().indent > indent) open.pop_back();
                if (!open.empty() && open.back().indent == indent) {
                    const std::size_t length = i - open.back().line + 1;
                    if (length > kLongestFunction) {
                        found.push_back(place(source, open.back().line) + std::to_string(length) +
                                        " lines");
                    }
                    open.pop_back();
                }
            }
            if (opens_function(line)) open.push_back({indent, i});
        }
    }
    expect_none(found);
}

// --- Words -------------------------------------------------------------------------------------

TEST(Tidy, AHeaderIsIncludedOnce) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        if (!source.path.ends_with(".h")) continue;
        if (!source.lines.empty() && source.lines.front() == "#pragma once") continue;
        found.push_back(source.path + ": begins with #pragma once");
    }
    expect_none(found);
}

TEST(Tidy, NoFileIsADrawerForAnything) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        const std::string name = fs::path(source.path).stem();
        for (const std::string_view word : {"util", "misc", "common", "helper", "manager"}) {
            if (name.find(word) != std::string::npos)
                found.push_back(source.path + ": " + std::string(word));
        }
    }
    expect_none(found);
}

// The words are put together here, so that this file does not find itself.
void expect_nowhere(const std::string& word, bool tests_only) {
    std::vector<std::string> found;
    for (const Source& source : sources()) {
        if (tests_only && !in_tests(source)) continue;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            if (source.lines[i].find(word) == std::string::npos) continue;
            found.push_back(place(source, i) + word);
        }
    }
    expect_none(found);
}

TEST(Tidy, NobodyCatchesEverything) { expect_nowhere(std::string("catch (") + "...)", false); }

TEST(Tidy, NothingIsLeftForLater) {
    expect_nowhere(std::string("TO") + "DO", false);
    expect_nowhere(std::string("FIX") + "ME", false);
    expect_nowhere(std::string("XX") + "X:", false);
}

TEST(Tidy, NoTestSleeps) {
    for (const char* word : {"sleep_", "usleep", "nanosleep"}) {
        const std::string whole =
            std::string(word) + (std::string_view(word) == "sleep_" ? "for(" : "(");
        expect_nowhere(whole, true);
    }
    expect_nowhere(std::string("::sle") + "ep(", true);
}

}  // namespace
}  // namespace drydock
