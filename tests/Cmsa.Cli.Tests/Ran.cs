namespace Cmsa.Cli.Tests;

/// <summary>What a command line gave.</summary>
internal sealed record Ran(int Code, string Output, string Error)
{
    private static readonly Lock console = new();

    /// <summary>Runs a command line as a user does, with its output in a pipe.</summary>
    public static Ran Of(params string[] arguments) => Of(() => Application.Run(arguments));

    /// <summary>Runs a program that ends with such a command line.</summary>
    public static Ran Of(Func<int> program)
    {
        lock (console)
        {
            var (output, error) = (Console.Out, Console.Error);
            using StringWriter written = new() { NewLine = "\n" },
                complained = new() { NewLine = "\n" };
            try
            {
                Console.SetOut(written);
                Console.SetError(complained);
                return new(program(), $"{written}", $"{complained}");
            }
            finally
            {
                Console.SetOut(output);
                Console.SetError(error);
            }
        }
    }

    /// <summary>One line on the error stream, nothing else, and the exit code for what cannot be used.</summary>
    public string Complaint()
    {
        Assert.Equal(Application.Unusable, Code);
        Assert.Empty(Output);
        Assert.Single(Error.TrimEnd('\n').Split('\n'));
        return Error.TrimEnd('\n');
    }
}
