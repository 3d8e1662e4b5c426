using Cmsa.Benchmarks.ByHand;
using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks;

/// <summary>A module with arguments, ready to be run again and again.</summary>
public sealed class Runnable : IDisposable
{
    private readonly Action forget;
    private readonly Func<Many<(string, double)>> parts;
    private readonly Many<IDisposable> owned;

    private Runnable(Action run, Action forget, Func<Many<(string, double)>> parts, Many<IDisposable> owned) =>
        (Run, this.forget, this.parts, this.owned) = (run, forget, parts, owned);

    /// <summary>Runs it once and waits for the end.</summary>
    public Action Run { get; }

    /// <summary>
    /// Forgets what was computed from the weights on the first run, so that the next one pays for it again.
    /// </summary>
    public void Forget() => forget();

    /// <summary>
    /// Which share of the time of a run each part of the model takes, the largest first; empty where that is not known.
    /// </summary>
    public Many<(string Part, double Share)> Parts => parts();

    /// <summary>A compiled model on a drawn sample.</summary>
    public static Runnable Of(Compiled module, Pass pass)
    {
        var arguments = module.DrawnArguments(1);
        return new(
            pass == Pass.Forward ? Forward : ForwardAndBack,
            module.Refresh,
            () => pass == Pass.Forward ? Shares(module, arguments) : [],
            [module, .. arguments]
        );

        void Forward()
        {
            module.RunAll(arguments).Dispose();
            module.Context.Wait();
        }

        void ForwardAndBack()
        {
            using (torch.NewDisposeScope())
            {
                var means = module.RunAll(arguments).Values.Map(v => v.mean());
                means.Reduce((a, b) => a.add(b, Scalars.One)).backward();
                module.zero_grad();
            }
            module.Context.Wait();
        }
    }

    /// <summary>A model by hand on a drawn sample, with the weights of a compiled one, which is freed.</summary>
    public static Runnable Of(Eager eager, Compiled weights, Pass pass)
    {
        using (weights)
        {
            eager.Module.to(weights.Context.Real).to(weights.Context.Device);
            eager.Module.WithWeightsOf(weights, eager.Under);
            var (place, arguments) = (weights.Context, weights.DrawnArguments(1));
            return new(
                pass == Pass.Forward
                    ? Forward
                    : () =>
                    {
                        Backward(eager.Forward(arguments), eager.Module);
                        place.Wait();
                    },
                () => { },
                () => [],
                [eager.Module, .. arguments]
            );

            void Forward()
            {
                using var mode = torch.no_grad();
                eager.Forward(arguments).Dispose();
                place.Wait();
            }
        }
    }

    private static void Backward(Tensor result, nn.Module module)
    {
        using (result)
        using (var loss = result.mean())
            loss.backward();
        module.zero_grad();
    }

    // The first name of a path is the part; what belongs to no part is the model's own.
    private static Many<(string, double)> Shares(Compiled module, Tensor[] arguments)
    {
        var times = module.Timings(arguments);
        var all = times.Sum(t => t.Time.TotalSeconds);
        return
        [
            .. times
                .GroupBy(t => (t.Value.Path ?? "").Split('.')[0])
                .Select(g => (g.Key, Share: g.Sum(t => t.Time.TotalSeconds) / all))
                .OrderByDescending(part => part.Share),
        ];
    }

    /// <summary>Frees the model and its arguments.</summary>
    public void Dispose()
    {
        foreach (var one in owned)
            one.Dispose();
    }
}
