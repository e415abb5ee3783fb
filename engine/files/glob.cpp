#include "engine/files/glob.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <sstream>

#include "engine/error.h"

namespace drydock::files {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

bool is_pattern(const std::string& part) { return part.find_first_of("*?[") != std::string::npos; }

bool matches(const std::string& part, const std::string& name) {
    return ::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD | FNM_PATHNAME) == 0;
}

class Search {
  public:
    Search(Beneath& beneath, std::vector<std::string> parts)
        : beneath_(beneath), parts_(std::move(parts)) {}

    // Matches parts_[at…] against what is in `folder`.
    void descend(const std::string& folder, std::size_t at) {
        const std::string& part = parts_[at];
        const bool is_last = at + 1 == parts_.size();
        if (part == "**") {
            every_depth(folder, at);
            return;
        }
        for (const std::string& name : candidates(folder, part)) {
            const std::string path = folder + "/" + name;
            if (is_last) {
                found_.insert(path);
            } else {
                descend(path, at + 1);
            }
        }
    }
    [[nodiscard]] std::vector<std::string> found() const { return {found_.begin(), found_.end()}; }

  private:
    // What does not exist, is no folder or leads out has nothing that matches.
    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const {
        try {
            auto opened = beneath_.find(folder.empty() ? "/" : folder, O_RDONLY | O_DIRECTORY);
            return opened ? names_in(std::move(*opened), folder) : std::vector<std::string>{};
        } catch (const Error&) {
            return {};
        }
    }

    [[nodiscard]] std::vector<std::string> candidates(const std::string& folder,
                                                      const std::string& part) const {
        std::vector<std::string> out;
        for (std::string& name : names(folder)) {
            if (is_pattern(part) ? matches(part, name) : part == name) {
                out.push_back(std::move(name));
            }
        }
        return out;
    }

    void every_depth(const std::string& folder, std::size_t at) {
        const bool is_last = at + 1 == parts_.size();
        if (!is_last) descend(folder, at + 1);
        for (const std::string& name : names(folder)) {
            if (name.starts_with('.')) continue;
            const std::string path = folder + "/" + name;
            if (is_last) found_.insert(path);
            if (is_folder(path)) every_depth(path, at);
        }
    }

    [[nodiscard]] bool is_folder(const std::string& path) const {
        const auto opened = beneath_.find(path, O_PATH | O_NOFOLLOW);
        struct stat seen {};
        return opened && ::fstat(opened->get(), &seen) == 0 && S_ISDIR(seen.st_mode);
    }

    Beneath& beneath_;
    std::vector<std::string> parts_;
    std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> names_in(os::UniqueFd folder, const std::string& path) {
    const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(folder.get()));
    if (stream == nullptr) throw_errno(ErrorCode::File, path, errno);
    [[maybe_unused]] const int owned_by_the_stream = folder.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) throw_errno(ErrorCode::File, "reading folder " + path, errno);
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> glob(Beneath& beneath, std::string_view pattern) {
    std::istringstream text(beneath.absolute(pattern));
    std::string folder;  // the part without patterns, which files: must cover
    std::vector<std::string> parts;
    for (std::string part; std::getline(text, part, '/');) {
        if (part.empty()) continue;
        if (parts.empty() && !is_pattern(part)) {
            folder += "/" + part;
        } else {
            parts.push_back(std::move(part));
        }
    }
    const auto opened = beneath.find(folder.empty() ? "/" : folder, O_PATH);
    if (!opened) return {};
    if (parts.empty()) return {folder};
    Search search(beneath, std::move(parts));
    search.descend(folder, 0);
    return search.found();
}

}  // namespace drydock::files
