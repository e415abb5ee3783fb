// completion: a script for a shell, which asks this program what fits.

#include "engine/cli/commands.h"
#include "engine/cli/assemble.h"
#include "engine/runbook/diagnostic.h"

namespace drydock::cli {
namespace {

constexpr std::string_view kBash = R"sh(# bash completion for drydock
_drydock() {
    local line current=${COMP_WORDS[COMP_CWORD]}
    [ "$current" = "=" ] && current=
    COMPREPLY=()
    while IFS= read -r line; do
        if [ "$line" = ":files" ]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _drydock drydock
)sh";

constexpr std::string_view kZsh = R"sh(#compdef drydock
# zsh completion for drydock
_drydock() {
    local line word files=0
    local -a described
    for line in "${(@f)$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == ":files" ]]; then
            files=1
        elif [[ -n $line ]]; then
            word=${line%%$'\t'*}
            described+=("${word//:/\\:}:${line#*$'\t'}")
        fi
    done
    (( $#described )) && _describe drydock described
    (( files )) && _files
    return 0
}
if [[ "${funcstack[1]}" == "_drydock" ]]; then
    _drydock "$@"
else
    compdef _drydock drydock
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for drydock
function __drydock_candidates
    set -l words (commandline -opc)
    $words[1] complete $words[2..-1] (commandline -ct | string collect --allow-empty) 2>/dev/null
end
function __drydock_wants_files
    __drydock_candidates | string match -q ':files'
end
complete -c drydock -f -a '(__drydock_candidates | string match -v ":files")'
complete -c drydock -n __drydock_wants_files -F
)sh";

}  // namespace

int completion_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& shell = arguments.subjects.front();
    if (shell == "bash")
        assembly.output().text(kBash);
    else if (shell == "zsh")
        assembly.output().text(kZsh);
    else if (shell == "fish")
        assembly.output().text(kFish);
    else {
        const std::string near = runbook::did_you_mean(shell, {"bash", "zsh", "fish"});
        throw Error(ErrorCode::NotFound, "there is no completion for " + shell,
                    near.empty() ? "bash, zsh or fish" : "did you mean " + near + "?");
    }
    return 0;
}

}  // namespace drydock::cli
