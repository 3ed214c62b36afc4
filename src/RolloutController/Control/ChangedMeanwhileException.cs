namespace RolloutController.Control;

/// <summary>What a pass rests on is not what was observed any more; the next one plans afresh.</summary>
internal class ChangedMeanwhileException(string message) : Exception(message);
