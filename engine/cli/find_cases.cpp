#include "engine/cli/find_cases.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/cli/find_runbook.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1 << 20;

bool is_cases_name(const fs::path& path) {
    const std::string name = path.filename();
    return name == "cases.yaml" || name.ends_with(".cases.yaml");
}

// All below `folder`; what is hidden is not looked into.
std::vector<std::string> in_folder(const fs::path& folder) {
    std::vector<std::string> found;
    std::error_code error;
    auto at = fs::recursive_directory_iterator(
        folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        const std::string name = at->path().filename();
        if (at->is_directory(error) && name.starts_with("."))
            at.disable_recursion_pending();
        else if (at->is_regular_file(error) && is_cases_name(at->path()))
            found.push_back(at->path().lexically_normal().string());
    }
    std::ranges::sort(found);
    return found;
}

// NAME.cases.yaml or cases.yaml beside a runbook.
std::optional<std::string> beside(const fs::path& runbook) {
    std::error_code error;
    const fs::path folder = runbook.parent_path();
    for (const fs::path& path :
         {folder / (runbook.stem().string() + ".cases.yaml"), folder / "cases.yaml"}) {
        if (fs::is_regular_file(path, error)) return path.string();
    }
    return std::nullopt;
}

bool holds_cases(const std::string& path) {
    if (is_cases_name(path)) return true;
    const std::string text = runbook::read_whole_file(path, kLargestFile);
    runbook::Report report(path, text);
    const auto root = runbook::parse_source(text, report);
    return root && cases::is_cases(*root);
}

[[noreturn]] void no_cases(const std::string& what) {
    throw Error(ErrorCode::NotFound, what + " has no cases",
                "write them in cases.yaml or NAME.cases.yaml beside the runbook");
}

class Search final {
  public:
    explicit Search(Assembly& assembly) : assembly_(assembly) {}

    void add(const std::string& subject) {
        std::error_code error;
        if (fs::is_directory(subject, error)) {
            const std::vector<std::string> found = in_folder(subject);
            if (found.empty()) no_cases("the folder " + subject);
            for (const std::string& path : found) add_file(path);
        } else if (fs::is_regular_file(subject, error) && holds_cases(subject)) {
            add_file(subject);
        } else {
            add_runbook(subject);
        }
    }

    void add_everything() {
        for (const std::string& path : in_folder(".")) add_file(path);
        for (const std::string& folder : assembly_.settings().runbooks) {
            for (const std::string& path : in_folder(folder)) add_file(path);
        }
        if (files_.empty())
            throw Error(ErrorCode::NotFound, "there are no cases below this folder",
                        "drydock test FILE, FOLDER or the NAME of a runbook");
    }

    std::vector<CasesFile> take() { return std::move(files_); }

  private:
    void add_file(const std::string& path) {
        if (seen_.insert(fs::weakly_canonical(path)).second) files_.push_back({path, {}});
    }

    void add_runbook(const std::string& subject) {
        const NamedRunbook found = find_runbook(assembly_, subject);
        if (found.text) {
            files_.push_back({found.name + " (shipped)", found.name});
            return;
        }
        std::error_code error;
        if (!fs::exists(found.path, error))
            throw Error(ErrorCode::NotFound, "there is no file " + found.path);
        const auto path = beside(found.path);
        if (!path) no_cases(found.path);
        add_file(*path);
    }

    Assembly& assembly_;
    std::vector<CasesFile> files_;
    std::set<std::string, std::less<>> seen_;
};

std::string text_of(const CasesFile& file) {
    if (!file.shipped) return runbook::read_whole_file(file.path, kLargestFile);
    for (const runbooks::ShippedRunbook& one : runbooks::shipped_runbooks()) {
        if (one.name == *file.shipped) return std::string(one.cases);
    }
    throw Error(ErrorCode::NotFound, "there is no shipped runbook " + *file.shipped);
}

}  // namespace

std::vector<CasesFile> find_cases(Assembly& assembly, const std::vector<std::string>& subjects) {
    Search search(assembly);
    for (const std::string& subject : subjects) search.add(subject);
    if (subjects.empty()) search.add_everything();
    return search.take();
}

cases::ReadResult read(Assembly& assembly, const CasesFile& file) {
    const config::Settings& settings = assembly.settings();
    cases::ReadInput input{
        .path = file.path,
        .text = text_of(file),
        .folder = {},
        .read_runbook =
            [&](const std::string& path) {
                return check(assembly, find_runbook(assembly, file.shipped.value_or(path)));
            },
        .inspector = assembly.inspector(),
        .roles = {settings.roles.begin(), settings.roles.end()},
        .environments = {}};
    if (!file.shipped) input.folder = fs::absolute(file.path).parent_path().lexically_normal();
    for (const auto& [name, environment] : settings.environments)
        input.environments[name] = environment.production;
    return cases::read_cases(input);
}

}  // namespace drydock::cli
