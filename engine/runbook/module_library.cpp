#include "engine/runbook/module_library.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "engine/error.h"

namespace drydock::runbook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestModule = 1 << 20;

// A module's name is a file's name: nothing that could lead elsewhere.
bool is_module_name(std::string_view name) {
    return !name.empty() && name.find_first_of("/\\\0") == std::string_view::npos && name[0] != '.';
}

std::optional<ModuleLibrary::Found> read_module(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    return ModuleLibrary::Found{path.lexically_normal().string(),
                                read_whole_file(path.string(), kLargestModule)};
}

}  // namespace

void ModuleLibrary::add_shipped(std::string name, std::string text) {
    given_[std::move(name)] = Found{"(shipped)", std::move(text)};
}

void ModuleLibrary::add_folder(std::string folder) {
    folders_.push_back(std::move(folder));
}

void ModuleLibrary::add_frozen(std::string name, Found module) {
    given_[std::move(name)] = std::move(module);
}

std::optional<ModuleLibrary::Found> ModuleLibrary::find(const std::string& name,
                                                        const std::string& beside) const {
    const auto given = given_.find(name);
    if (given != given_.end()) return given->second;
    if (name.starts_with("./")) {
        const std::string file = name.substr(2);
        if (beside.empty() || !is_module_name(file)) return std::nullopt;
        return read_module(fs::path(beside) / (file + ".lua"));
    }
    if (!is_module_name(name)) return std::nullopt;
    for (const std::string& folder : folders_) {
        if (auto found = read_module(fs::path(folder) / (name + ".lua"))) return found;
    }
    return std::nullopt;
}

std::vector<std::string> ModuleLibrary::names() const {
    std::set<std::string> names;
    for (const auto& [name, found] : given_) names.insert(name);
    for (const std::string& folder : folders_) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            if (entry.path().extension() == ".lua") names.insert(entry.path().stem().string());
        }
    }
    return {names.begin(), names.end()};
}

std::string read_whole_file(const std::string& path, std::size_t limit_bytes) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        throw Error(ErrorCode::File, path + " is not a regular file", "name a file");
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw_errno(ErrorCode::File, "reading " + path, errno);
    // As large as the file, not as the limit: clearing that much for each of many files takes
    // longer than reading them. A file that says 0 (of /proc), or grows, is read all the same.
    const std::uintmax_t said = fs::file_size(path, error);
    const std::size_t known =
        error ? 0 : static_cast<std::size_t>(std::min<std::uintmax_t>(said, limit_bytes));
    std::string bytes(known + 1, '\0');
    std::size_t size = 0;
    for (;;) {
        stream.read(bytes.data() + size, static_cast<std::streamsize>(bytes.size() - size));
        size += static_cast<std::size_t>(stream.gcount());
        if (!stream || size > limit_bytes) break;
        bytes.resize(std::min(bytes.size() * 2, limit_bytes + 1));
    }
    bytes.resize(size);
    if (stream.bad()) throw_errno(ErrorCode::File, "reading " + path, errno);
    if (bytes.size() > limit_bytes) {
        throw Error(ErrorCode::File,
                    path + " has more than " + std::to_string(limit_bytes) + " bytes",
                    "split it, or give less");
    }
    return bytes;
}

}  // namespace drydock::runbook
