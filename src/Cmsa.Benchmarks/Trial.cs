using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks;

/// <summary>What may be spent on one measurement, and what the machine can do.</summary>
/// <param name="Runs">How many runs are timed at most.</param>
/// <param name="Time">How long one run may take; what would take longer is not tried.</param>
/// <param name="Memory">How much memory there is, in bytes; what would need more is not tried.</param>
/// <param name="Rate">Multiply-adds a second of a plain product of matrices.</param>
public sealed record Limits(int Runs, TimeSpan Time, long Memory, double Rate);

/// <summary>A subject, run in one way.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Way">The way.</param>
/// <param name="Pass">What of it is run.</param>
/// <param name="Options">Device and precision; the rest follows from way and pass.</param>
public sealed record Trial(Workload Subject, Backend Way, Pass Pass, Options Options)
{
    // What programs that move much memory reach of a plain product, for a guess at their time.
    private const double Usual = 0.4;
    private static readonly TimeSpan slow = TimeSpan.FromSeconds(5),
        together = TimeSpan.FromSeconds(15);

    /// <summary>What it is to the program: that of the subject, the pass and the way.</summary>
    public string Key => $"{Subject.Key}:{Pass}:{Way}";

    private Options Compiling => Options with { Optimise = Way.Effort, Training = Pass == Pass.Step };

    /// <summary>What it is expected to need, or why it cannot be run.</summary>
    public Either<Error, Forecast> Forecast =>
        Subject
            .Model.At(Subject.Extent)
            .ToEither()
            .MapLeft(errors => errors.Head)
            .Map(graph =>
                Benchmarks.Forecast.Of(GraphOptimizer.Optimize(graph, Way.Effort, Pass == Pass.Step, Options.On), Pass)
            );

    /// <summary>
    /// Whether it is expected to need no more than it may: none where it may be tried, otherwise why not.
    /// </summary>
    public Option<Error> Refusal(Forecast forecast, Limits limits)
    {
        if (Way == Backend.ByHand && Subject.ByHand.IsNone)
            return new Error("nobody has written it by hand");
        if (forecast.Peak > limits.Memory)
            return new Error(
                $"not tried: it would need {Amounts.Memory(forecast.Peak)} of {Amounts.Memory(limits.Memory)}"
            );
        var time = TimeSpan.FromSeconds(forecast.MultiplyAdds / (Usual * limits.Rate));
        return time > limits.Time ? new Error($"not tried: it would take about {time.TotalSeconds:0} s") : None;
    }

    /// <summary>
    /// Measures it in this process, whatever it needs, or says why that cannot be. Memory is exact where the process
    /// gives back what it frees from its start on.
    /// </summary>
    public Either<Error, Measured> Measure(Limits limits) =>
        from forecast in Forecast
        from ready in Ready()
        select Measured(ready, forecast, limits);

    /// <summary>The model, compiled or made by hand, with its arguments.</summary>
    public Either<Error, Runnable> Ready() =>
        Subject
            .Model.Compile(Subject.Extent, Compiling)
            .ToEither()
            .MapLeft(errors => errors.Head)
            .Map(module =>
                Subject
                    .ByHand.Filter(_ => Way == Backend.ByHand)
                    .Match(Some: make => Runnable.Of(make(), module, Pass), None: () => Runnable.Of(module, Pass))
            );

    private Measured Measured(Runnable ready, Forecast forecast, Limits limits)
    {
        using (ready)
        {
            // The first run brings code and libraries into memory, which the model is not to blame for; where it is
            // slow, its own memory is so large that they do not matter.
            TimeSpan first = default;
            var fallen = Kernels.FallBacks;
            var peak = Resident.Growth(() => first = Times.Once(ready.Run));
            if (first > slow)
                return new(this, new([first]), peak, forecast, [], Kernels.FallBacks - fallen);
            ready.Forget();
            peak = Resident.Growth(ready.Run);
            Memory.Keep();
            ready.Run();
            return new Measured(this, Times.Of(ready.Run, limits.Runs, together), peak, forecast, ready.Parts) with
            {
                FallBacks = Kernels.FallBacks - fallen,
            };
        }
    }
}
