import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  sessionNoteChangeSchema,
  sessionNoteCreationSchema,
  type SessionNote as SessionNoteAnswer,
  type SessionNoteList,
} from "@peerscope/schema/api";
import { includesRole, type Principal } from "../../access/principal.ts";
import { parseBody } from "../../access/routes/parse-body.ts";
import { RequestError } from "../../errors.ts";
import type { SessionNote } from "../settings.ts";
import type { SettingsRoutesOptions } from "./settings-routes.ts";

const bodyLimit = 64 << 10;

const sessionParams = z.object({ id: z.string() });

interface SessionParams {
  Params: { id: string };
}
interface NoteParams {
  Params: { id: string; noteId: string };
}

/** What people write about moments of a session. */
export function addNoteRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  const { settings, audit, now, projectIdOfSession } = options;
  const projectIn = ({ params }: FastifyRequest): string | null =>
    projectIdOfSession(sessionParams.parse(params).id);
  const unknown = "session-unknown";
  const viewer = { config: { access: { kind: "project", role: "viewer", projectIn, unknown } } } as const;
  const analyst = { config: { access: { kind: "project", role: "analyst", projectIn, unknown } } } as const;

  app.get<SessionParams>("/api/sessions/:id/notes", viewer, async (request): Promise<SessionNoteList> => {
    const notes = await notesOf(request, request.params.id);
    return { notes: notes.map((note) => toAnswer(note, request.principal)) };
  });

  app.post<SessionParams>("/api/sessions/:id/notes", { ...analyst, bodyLimit }, async (request, reply) => {
    const { principal, params, body } = request;
    const { at, text } = parseBody(sessionNoteCreationSchema, body);
    const note: SessionNote = {
      noteId: `n_${randomBytes(12).toString("hex")}`,
      projectId: projectOf(request),
      sessionId: params.id,
      at,
      text,
      createdBy: principal.id,
      createdByName: principal.name,
      createdAt: now(),
    };
    await settings.saveNote(note);
    await write(principal, note, "note-created");
    return reply.code(201).send(toAnswer(note, principal));
  });

  app.patch<NoteParams>(
    "/api/sessions/:id/notes/:noteId",
    { ...analyst, bodyLimit },
    async (request): Promise<SessionNoteAnswer> => {
      const { principal, params, body } = request;
      const { text } = parseBody(sessionNoteChangeSchema, body);
      const before = await noteOf(request, params);
      // Nobody puts words into the mouth of somebody else, whatever their role.
      if (before.createdBy !== principal.id) throw notTheirs();
      const note = { ...before, text };
      await settings.saveNote(note);
      await write(principal, note, "note-changed");
      return toAnswer(note, principal);
    },
  );

  app.delete<NoteParams>("/api/sessions/:id/notes/:noteId", viewer, async (request, reply) => {
    const { principal, params } = request;
    const note = await noteOf(request, params);
    const isAdmin = includesRole(principal.roleIn(note.projectId), "admin");
    if (note.createdBy !== principal.id && !isAdmin) throw notTheirs();
    await settings.deleteNote(note.noteId);
    await write(principal, note, "note-deleted");
    return reply.code(204).send();
  });

  function projectOf(request: FastifyRequest): string {
    const projectId = projectIn(request);
    if (projectId === null) throw new RequestError(unknown);
    return projectId;
  }

  async function notesOf(request: FastifyRequest, sessionId: string): Promise<readonly SessionNote[]> {
    const projectId = projectOf(request);
    return (await settings.notes(sessionId)).filter((note) => note.projectId === projectId);
  }

  async function noteOf(request: FastifyRequest, { id, noteId }: NoteParams["Params"]): Promise<SessionNote> {
    const note = (await notesOf(request, id)).find((saved) => saved.noteId === noteId);
    if (note === undefined) throw new RequestError("note-unknown");
    return note;
  }

  /** Without its text: that goes when the session is erased, and the audit log does not. */
  function write(
    principal: Principal,
    { projectId, noteId, sessionId }: SessionNote,
    action: string,
  ): Promise<void> {
    return audit(principal, { action, projectId, subject: noteId, details: { sessionId } });
  }
}

function notTheirs(): RequestError {
  return new RequestError("role-missing", "The note is somebody else's.");
}

function toAnswer(note: SessionNote, principal: Principal): SessionNoteAnswer {
  const { noteId, at, text, createdByName, createdAt } = note;
  return { noteId, at, text, createdByName, createdAt, own: note.createdBy === principal.id };
}
