using System.CommandLine;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa completion SHELL</c>: the script that completes command lines after the Tab key.</summary>
public static class CompletionCommand
{
    /// <summary>The shells that there is a script for.</summary>
    internal static Many<string> Shells { get; } = ["bash", "zsh", "fish"];

    // The directive takes the line and where the cursor stands in it. bash itself leaves out nothing that does not begin
    // with the word; it splits words at = and :, and replaces what follows the last of them.
    private const string Bash = """
        # Completion of NAME for bash.  source <(NAME completion bash)
        _NAME_complete() {
          local found word=${COMP_LINE:0:COMP_POINT}
          word=${word##* }
          [[ $word == --*=* ]] && word=${word#*=}
          local before=${word%"${word##*:}"}
          COMPREPLY=()
          while IFS= read -r found; do
            [[ $found == "$word"* ]] && COMPREPLY+=("$(printf %q "${found#"$before"}")")
          done < <("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _NAME_complete NAME
        """;

    private const string Zsh = """
        #compdef NAME
        # Completion of NAME for zsh, after compinit.  source <(NAME completion zsh)
        _NAME() {
          local line="${(pj: :)words[1,CURRENT]}"
          local -a found=("${(@f)$(${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}")
          compadd -a -- found && return
          _files
        }
        compdef _NAME NAME
        """;

    private const string Fish = """
        # Completion of NAME for fish.  NAME completion fish | source
        function __NAME_complete
          set -l line (commandline --cut-at-cursor --current-process | string collect)
          set -l words (commandline --tokenize --cut-at-cursor --current-process)
          $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete --command NAME --arguments '(__NAME_complete)'
        """;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"Which shell: {string.Join(", ", Shells)}." };
        var command = new Command(
            "completion",
            "Prints the script that completes command lines after the Tab key. Example: cmsa completion fish | "
                + "source, or source <(cmsa completion bash)"
        )
        {
            shell,
        };
        command.SetAction(line =>
            Application.Exit(
                Script(line.GetRequiredValue(shell))
                    .Map(script =>
                    {
                        Console.Out.Write(script.Replace("NAME", RootCommand.ExecutableName, StringComparison.Ordinal) + "\n");
                        return Application.Done;
                    })
            )
        );
        return command;
    }

    private static Either<Error, string> Script(string shell) =>
        shell switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => new Error($"there is no script for {shell}", "SHELL", $"there are {string.Join(", ", Shells)}"),
        };
}
