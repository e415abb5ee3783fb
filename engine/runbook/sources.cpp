#include "engine/runbook/sources.h"

#include <filesystem>
#include <set>

#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/read.h"

namespace drydock::runbook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 10'000;
constexpr std::size_t kMostBytes = 64 << 20;

void collect(const Node& node, const Declaration& declared, std::vector<LiteralSource>& found) {
    if (const auto* text = std::get_if<Node::Scalar>(&node.held)) {
        const bool null = text->plain && text->text == "null";
        if (declared.type == Type::Source && !null) found.push_back({text->text, node.place});
    } else if (const auto* list = std::get_if<Node::List>(&node.held)) {
        if (declared.of == nullptr) return;
        for (const Node& item : *list) collect(item, *declared.of, found);
    } else if (const auto* map = std::get_if<Node::Map>(&node.held)) {
        for (const auto& [key, item] : *map) {
            const Declaration* inner = find_declaration(declared.fields, key);
            if (inner == nullptr) inner = declared.of.get();
            if (inner != nullptr) collect(item, *inner, found);
        }
    }
}

// The texts of type source anywhere in a param's value.
void collect(const Value& value, const Declaration& declared, std::set<std::string>& paths) {
    if (const auto* text = value.find<std::string>()) {
        if (declared.type == Type::Source) paths.insert(*text);
    } else if (const auto* list = value.find<Value::List>()) {
        if (declared.of == nullptr) return;
        for (const Value& item : *list) collect(item, *declared.of, paths);
    } else if (const auto* map = value.find<Value::Map>()) {
        for (const auto& [key, item] : *map) {
            const Declaration* inner = find_declaration(declared.fields, key);
            if (inner == nullptr) inner = declared.of.get();
            if (inner != nullptr) collect(item, *inner, paths);
        }
    }
}

// Freezes files into a bundle, within the limits of one bundle.
class Freezer final {
  public:
    explicit Freezer(Bundle& bundle) : bundle_(bundle) {}

    void freeze(const std::string& path) {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (!fs::exists(status)) {
            throw Error(ErrorCode::File, "the source " + path + " does not exist",
                        "relative sources stand beside the runbook");
        }
        if (!fs::is_directory(status)) return file(path);
        bool holds_any = false;
        for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
             entry.increment(error)) {
            if (entry->is_regular_file()) {
                file(entry->path().string());
                holds_any = true;
            } else if (!entry->is_directory() && !is_hidden(entry->path())) {
                // Left out in silence, a migration would not be run.
                throw Error(ErrorCode::File, entry->path().string() + " is no file with a text",
                            "is it a link that leads nowhere? mend it, or take it away");
            }
        }
        if (error)
            throw Error(ErrorCode::File, "reading the source " + path + ": " + error.message());
        if (!holds_any) {
            throw Error(ErrorCode::File, "the folder " + path + " is empty",
                        "put the files of this run there, or name another folder");
        }
    }

  private:
    // Editors put links there that lead nowhere: `.#x.sql`.
    static bool is_hidden(const fs::path& path) {
        return path.filename().string().starts_with('.');
    }

    void file(const std::string& path) {
        if (bundle_.sources.contains(path)) return;
        std::string bytes = read_whole_file(path, kMostBytes);
        bytes_ += bytes.size();
        bundle_.sources.emplace(path, std::move(bytes));
        if (bytes_ <= kMostBytes && bundle_.sources.size() <= kMostFiles) return;
        throw Error(ErrorCode::File,
                    "the sources of this run are more than 64 MiB or 10000 files, at " + path,
                    "name a smaller folder: what a source names is kept with the run");
    }

    Bundle& bundle_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::vector<LiteralSource> literal_sources(const Bundle& bundle) {
    std::vector<LiteralSource> found;
    for_each_call(bundle.runbook, [&](const ActionCall& call) {
        const Action* action = bundle.find_action(call.action);
        if (action == nullptr) return;
        for (const auto& [name, node] : call.with) {
            const Declaration* declared = find_declaration(action->params, name);
            if (declared != nullptr) collect(node, *declared, found);
        }
    });
    const std::string folder = fs::path(bundle.path).parent_path().string();
    for (LiteralSource& one : found) one.path = absolute_path(one.path, folder);
    return found;
}

void freeze_sources(Bundle& bundle, const Value& params) {
    std::set<std::string> paths;
    for (LiteralSource& one : literal_sources(bundle)) paths.insert(std::move(one.path));
    for (const auto& [name, declared] : bundle.runbook.params) {
        if (const Value* value = params.member(name)) collect(*value, declared, paths);
    }
    Freezer freezer(bundle);
    for (const std::string& path : paths) freezer.freeze(path);
}

}  // namespace drydock::runbook
