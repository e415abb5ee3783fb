#include "engine/cli/shipped_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/os/atomic_file.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::pair<std::string, std::string_view>>;

Files files_of(const runbooks::ShippedRunbook& shipped) {
    Files files{{"runbook.yaml", shipped.text}, {"cases.yaml", shipped.cases}};
    for (const runbooks::ShippedFile& file : shipped.files)
        files.emplace_back(file.path, file.text);
    return files;
}

fs::path cache() {
    const char* given = std::getenv("XDG_CACHE_HOME");
    if (given != nullptr && fs::path(given).is_absolute()) return fs::path(given) / "drydock";
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') {
        throw Error(ErrorCode::Usage, "neither XDG_CACHE_HOME nor HOME is set",
                    "drydock runbooks export writes the runbook to a folder of your choice");
    }
    return fs::path(home) / ".cache" / "drydock";
}

bool holds(const fs::path& path, std::string_view text) {
    std::ifstream file(path, std::ios::binary);
    return file && std::string(std::istreambuf_iterator<char>(file), {}) == text;
}

}  // namespace

std::string shipped_folder(const runbooks::ShippedRunbook& shipped) {
    const Files files = files_of(shipped);
    const fs::path folder = cache() / "shipped" / std::string(shipped.name);
    for (const auto& [path, text] : files) {
        // Another version may have written it, or somebody edited it there.
        if (holds(folder / path, text)) continue;
        std::error_code error;
        fs::create_directories((folder / path).parent_path(), error);
        if (error) throw Error(ErrorCode::File, folder.string() + ": " + error.message());
        os::write_file(folder / path, text, 0600);
    }
    return folder / "runbook.yaml";
}

}  // namespace drydock::cli
