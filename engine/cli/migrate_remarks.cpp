#include "engine/cli/migrate_remarks.h"

#include <algorithm>
#include <set>

#include "engine/cli/text.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kMostNotes = 20;  // on a console; JSON has all

std::string in_folder(const migrate::Folder& folder, const std::string& path) {
    return path.starts_with(folder.path + "/") ? path.substr(folder.path.size() + 1) : path;
}

std::set<std::string> applied_files(const migrate::Folder& folder, const migrate::State& state) {
    std::set<std::string> files;
    for (const migrate::Migration& one : folder.migrations) {
        if (!state.is_applied(one.key)) continue;
        files.insert(one.up.file->path);
        if (one.down) files.insert(one.down->file->path);
    }
    return files;
}

void remark(Output& output, const std::string& word, const std::string& text) {
    const std::string lead = "  " + padded(word, 9) + " ";
    for (const std::string& line : wrapped(lead, text, output.width())) output.line(line);
}

void print_notes(Output& output, const migrate::Folder& folder, const migrate::State& state) {
    const std::set<std::string> applied = applied_files(folder, state);
    std::size_t count = 0;
    for (const migrate::Note& note : folder.notes) {
        const std::string path = in_folder(folder, note.path);
        if (applied.contains(path) || ++count > kMostNotes) continue;
        const bool placed = note.place.line > 0;
        remark(output, "note",
               path + (placed ? ":" + std::to_string(note.place.line) : "") + ": " + note.message);
    }
    if (count > kMostNotes)
        remark(output, "", "and " + std::to_string(count - kMostNotes) + " notes more");
}

Value to_value(const migrate::Note& note, const migrate::Folder& folder) {
    return Value::Map{{"file", in_folder(folder, note.path)},
                      {"line", static_cast<std::int64_t>(note.place.line)},
                      {"column", static_cast<std::int64_t>(note.place.column)},
                      {"message", note.message},
                      {"hint", note.hint}};
}

}  // namespace

void print_remarks(Output& output, const migrate::Folder& folder, const migrate::State& state) {
    for (const migrate::CodeMigration* one : programs_left(state, folder))
        remark(output, "program", one->path + ": Drydock cannot run it");
    print_notes(output, folder, state);
    for (const migrate::Gap& gap : folder.gaps) {
        remark(output, "gap",
               "no number between " + std::to_string(gap.after) + " and " +
                   std::to_string(gap.before));
    }
    std::string names;
    for (const std::string& name : folder.beside) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) remark(output, "beside", names);
}

void add_remarks(Value::Map& map, const migrate::Folder& folder) {
    Value::List programs, notes, gaps;
    for (const migrate::CodeMigration& one : folder.code)
        programs.emplace_back(Value::Map{{"version", one.version.text}, {"file", one.path}});
    for (const migrate::Note& one : folder.notes) notes.emplace_back(to_value(one, folder));
    for (const migrate::Gap& one : folder.gaps) {
        gaps.emplace_back(Value::Map{{"after", static_cast<std::int64_t>(one.after)},
                                     {"before", static_cast<std::int64_t>(one.before)}});
    }
    map.emplace("programs", std::move(programs));
    map.emplace("notes", std::move(notes));
    map.emplace("gaps", std::move(gaps));
    map.emplace("beside", Value::List(folder.beside.begin(), folder.beside.end()));
}

}  // namespace drydock::cli
