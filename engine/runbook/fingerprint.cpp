#include "engine/runbook/fingerprint.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/read.h"

namespace drydock::runbook {
namespace {

constexpr std::string_view kManifest = "bundle.json";
constexpr std::string_view kRunbook = "runbook.yaml";
constexpr std::string_view kModule = "module/";
constexpr std::string_view kSource = "source/";
constexpr std::int64_t kFormat = 1;

// Names what is digested, so that no other text of ours can have the same digest.
constexpr std::string_view kBundleDomain = "drydock-bundle-v1\n";
constexpr std::string_view kPlanDomain = "drydock-plan-v1\n";

Value manifest_of(const Bundle& bundle) {
    Value::Map modules;
    for (const auto& [name, module] : bundle.modules) modules[name] = module.path;
    return Value::Map{{"format", kFormat}, {"path", bundle.path}, {"modules", std::move(modules)}};
}

const std::string& part(const Parts& parts, std::string_view name) {
    const auto found = parts.find(name);
    if (found != parts.end()) return found->second;
    throw Error(ErrorCode::Integrity,
                "the frozen part " + std::string(name) + " of this run is missing",
                "the journal was altered: drydock audit verify");
}

std::string text_member(const Value& manifest, std::string_view name) {
    const Value* member = manifest.member(name);
    if (member != nullptr && member->holds<std::string>()) return member->as<std::string>();
    throw Error(ErrorCode::Integrity,
                "the frozen bundle.json of this run has no " + std::string(name),
                "the journal was altered: drydock audit verify");
}

Value read_manifest(const Parts& parts) {
    Value manifest = json::parse_typed(part(parts, kManifest));
    const Value* format = manifest.member("format");
    if (format != nullptr && *format == Value(kFormat)) return manifest;
    throw Error(ErrorCode::Integrity,
                "this run was frozen in a format that this version does not know",
                "resume it with the version that started it");
}

ModuleLibrary frozen_modules(const Parts& parts, const Value& manifest) {
    ModuleLibrary library;
    const Value* modules = manifest.member("modules");
    if (modules == nullptr || !modules->holds<Value::Map>()) return library;
    for (const auto& [name, path] : modules->as<Value::Map>()) {
        const std::string where = path.holds<std::string>() ? path.as<std::string>() : "";
        library.add_frozen(name, {where, part(parts, std::string(kModule) + name)});
    }
    return library;
}

}  // namespace

Parts to_parts(const Bundle& bundle) {
    Parts parts;
    parts.emplace(kManifest, json::write_typed(manifest_of(bundle)));
    parts.emplace(kRunbook, bundle.text);
    for (const auto& [name, module] : bundle.modules)
        parts.emplace(std::string(kModule) + name, module.text);
    for (const auto& [path, bytes] : bundle.sources)
        parts.emplace(std::string(kSource) + path, bytes);
    return parts;
}

Bundle from_parts(const Parts& parts, ScriptInspector& inspector, const SqlProblem& sql_problem) {
    const Value manifest = read_manifest(parts);
    const ModuleLibrary library = frozen_modules(parts, manifest);
    CheckResult result = read_runbook({.path = text_member(manifest, "path"),
                                       .text = part(parts, kRunbook),
                                       .modules = library,
                                       .inspector = inspector,
                                       .sql_problem = sql_problem,
                                       .frozen = true});
    if (!result.bundle) {
        throw Error(ErrorCode::Integrity,
                    "the frozen runbook of this run no longer reads: " +
                        to_text(result.diagnostics.front()),
                    "resume it with the version that started it");
    }
    for (const auto& [name, bytes] : parts) {
        if (name.starts_with(kSource))
            result.bundle->sources.emplace(name.substr(kSource.size()), bytes);
    }
    return *std::move(result.bundle);
}

crypto::Digest bundle_digest(const Bundle& bundle) {
    Value::Map digests;
    for (const auto& [name, bytes] : to_parts(bundle))
        digests[name] = crypto::to_hex(crypto::sha256(bytes));
    return crypto::sha256(std::string(kBundleDomain) + json::write_typed(digests));
}

crypto::Digest plan_digest(const PlanContent& content) {
    std::vector<std::string> targets = content.targets;
    std::sort(targets.begin(), targets.end());
    const Value whole = Value::Map{{"bundle", crypto::to_hex(bundle_digest(content.bundle))},
                                   {"params", content.params},
                                   {"environment", content.environment},
                                   {"targets", Value::List(targets.begin(), targets.end())}};
    return crypto::sha256(std::string(kPlanDomain) + json::write_typed(whole));
}

}  // namespace drydock::runbook
