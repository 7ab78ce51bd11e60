import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The path of a file that can be read when the process starts. */
export const fileSchema = z
  .string()
  .min(1)
  .superRefine((path, context) => {
    try {
      readFileSync(path);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `cannot be read (${(error as Error).message})` });
    }
  });
