namespace Cmsa.Data.Loading;

/// <summary>Chooses the sample of each training step, as a pure function of the step.</summary>
public interface ISampler
{
    /// <summary>How many steps an epoch has: after so many, every sample was visited. 0: there is no sample.</summary>
    int Count { get; }

    /// <summary>The index of the sample of a step. Steps count from 0.</summary>
    int At(long step);
}
