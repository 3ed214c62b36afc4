namespace RolloutController.Cli.Completion;

/// <summary>The scripts by which shells ask the program itself what can come next.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells.</summary>
    public static readonly IReadOnlyList<string> Shells = ["bash", "zsh", "fish", "powershell"];

    /// <summary>The script for a shell.</summary>
    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <param name="program">The file name of the program.</param>
    public static string For(string shell, string program) => shell switch
    {
        "bash" => Bash(program),
        "zsh" => Zsh(program),
        "fish" => Fish(program),
        _ => PowerShell(program),
    };

    private static string Function(string program) => $"_{program.Replace('-', '_').Replace('.', '_')}_complete";

    private static string Bash(string program) => $$"""
        # Load it with: source <({{program}} completion bash)
        {{Function(program)}}() {
          local IFS=$'\n'
          COMPREPLY=($("${COMP_WORDS[0]}" {{CompletionCommand.Ask}} -- ".${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null))
        }
        complete -o default -F {{Function(program)}} {{program}}

        """;

    private static string Zsh(string program) => $$"""
        #compdef {{program}}
        # Load it with: source <({{program}} completion zsh)
        {{Function(program)}}() {
          local -a found
          found=(${(f)"$("${words[1]}" {{CompletionCommand.Ask}} -- ".${words[CURRENT]}" "${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
          (( ${#found} )) && compadd -a found || _files
        }
        compdef {{Function(program)}} {{program}}

        """;

    private static string Fish(string program) => $$"""
        # Load it with: {{program}} completion fish | source
        function {{Function(program)}}
          set -l words (commandline -opc)
          $words[1] {{CompletionCommand.Ask}} -- .(commandline -ct) $words[2..-1] 2>/dev/null
        end
        complete -c {{program}} -f -a '({{Function(program)}})'
        complete -c {{program}} -s f -l file -r -F

        """;

    private static string PowerShell(string program) => $$"""
        # Load it with: {{program}} completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName '{{program}}' -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
          & '{{program}}' {{CompletionCommand.Ask}} -- ".$wordToComplete" @words 2>$null | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }

        """;
}
