using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Experiments.Optimizers;

/// <summary>How a step follows from the gradients; the rates and decays are those of a <see cref="Training"/>.</summary>
public abstract record Optimizer
{
    private Optimizer() { }

    /// <summary>Adam (Kingma and Ba 2015) with decays of 0.9 and 0.999.</summary>
    public static Optimizer Adam { get; } = new OfAdam();

    /// <summary>
    /// Stochastic gradient descent as in PyTorch: <c>v = momentum v + gradient</c>, then <c>weights -= rate v</c>.
    /// </summary>
    /// <param name="momentum">The momentum, from 0 to below 1.</param>
    /// <param name="nesterov">Whether the step looks ahead: <c>weights -= rate (gradient + momentum v)</c>.</param>
    public static Optimizer Sgd(double momentum = 0.9, bool nesterov = false) => new OfSgd(momentum, nesterov);

    /// <summary>What it cannot be used with, if anything.</summary>
    internal abstract Option<Error> Problem { get; }

    /// <summary>An optimizer over the parameters of a module.</summary>
    internal abstract IOptimizer Of(Compiled module, Training training);

    private sealed record OfAdam : Optimizer
    {
        internal override Option<Error> Problem => Option<Error>.None;

        internal override IOptimizer Of(Compiled module, Training training) => new Adam(module, training);

        public override string ToString() => "adam";
    }

    private sealed record OfSgd(double Momentum, bool Nesterov) : Optimizer
    {
        internal override Option<Error> Problem =>
            Momentum is >= 0 and < 1
                ? Option<Error>.None
                : new Error(FormattableString.Invariant($"a momentum of {Momentum}"), "the optimizer", "give a number from 0 to below 1");

        internal override IOptimizer Of(Compiled module, Training training) => new Sgd(module, training, Momentum, Nesterov);

        public override string ToString() =>
            FormattableString.Invariant($"sgd momentum {Momentum:R}") + (Nesterov ? " nesterov" : "");
    }
}
